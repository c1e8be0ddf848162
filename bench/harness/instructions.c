// A plugin of qemu-user that counts the instructions of a program's first thread. Whenever that
// ends a line of its standard output, the count so far is added to a file, as a line:
//   qemu-x86_64 -plugin file=instructions.so,out=FILE PROGRAM
// Source: qemu-plugin.h, version 1, which Debian has no package of.
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

struct qemu_plugin_tb;
enum { NO_REGISTERS };
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
                                           void (*callback)(uint64_t id,
                                                            struct qemu_plugin_tb* block));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* block);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb* block,
                                          void (*callback)(unsigned thread, void* data), int flags,
                                          void* data);
void qemu_plugin_register_vcpu_syscall_cb(uint64_t id,
                                          void (*callback)(uint64_t id, unsigned thread,
                                                           int64_t number, uint64_t a, uint64_t b,
                                                           uint64_t c, uint64_t d, uint64_t e,
                                                           uint64_t f, uint64_t g, uint64_t h));

int qemu_plugin_version = 1;

static uint64_t instructions;
static FILE* file;

static void executed(unsigned thread, void* count) {
  if (thread == 0) instructions += (uintptr_t)count;
}

static void translated(uint64_t id, struct qemu_plugin_tb* block) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_cb(block, executed, NO_REGISTERS,
                                       (void*)qemu_plugin_tb_n_insns(block));
}

static void called(uint64_t id, unsigned thread, int64_t number, uint64_t fd, uint64_t data,
                   uint64_t length, uint64_t d, uint64_t e, uint64_t f, uint64_t g, uint64_t h) {
  (void)id, (void)thread, (void)d, (void)e, (void)f, (void)g, (void)h;
  if (number != SYS_write || fd != 1 || length == 0) return;
  // The program's addresses are those of qemu, where both are of 64 bits.
  if (((const char*)data)[length - 1] != '\n') return;
  fprintf(file, "%" PRIu64 "\n", instructions);
  fflush(file);
}

int qemu_plugin_install(uint64_t id, const void* info, int argc, char** argv) {
  (void)info;
  if (argc != 1 || strncmp(argv[0], "out=", 4) != 0) return 1;
  file = fopen(argv[0] + 4, "a");
  if (!file) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_vcpu_syscall_cb(id, called);
  return 0;
}
