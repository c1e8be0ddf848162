// Preloaded where an emulator runs Node (runtimes.mjs): child processes start in the emulator too.
// biome-ignore lint/suspicious/noUndeclaredEnvVars: turbo runs no tests
process.execPath = process.env.BSD_SOCKETS_EXECPATH;
