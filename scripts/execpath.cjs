// Preloaded where an emulator runs Node (runtimes.mjs): child processes start in the emulator too.
process.execPath = process.env.BSD_SOCKETS_EXECPATH;
