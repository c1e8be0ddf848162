#include "platform.h"

#include <cerrno>
#include <chrono>

#include "bindings.h"
#include "event_set.h"
#include "layout.h"
#include "readiness.h"
#include "retry.h"

// A platform that has nothing yet: it compiles anywhere, the packages import, and every call fails
// with ENOSYS. A port starts as a copy of this folder.

namespace bsd_sockets {

namespace {

class NoEventSet : public EventSet {
 public:
  int Open() override { return -ENOSYS; }
  Descriptor fd() const override { return -1; }
  int Add(Descriptor, int32_t) override { return -ENOSYS; }
  int Remove(Descriptor) override { return -ENOSYS; }
  int Take(ReadyEvent*, int) override { return -ENOSYS; }
};

}  // namespace

bool OnMainThread() { return true; }

void CloseDescriptor(Descriptor) {}

int64_t Now() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

const int kWouldBlock = EAGAIN;
const int kInterrupted = EINTR;
const int kConnecting = EINPROGRESS;

int LastError() { return ENOSYS; }

bool Waits(const Environment&, Descriptor, double) { return false; }
double KernelTimeout(Descriptor, Ready) { return -1; }
int WaitFor(Environment&, Descriptor, Ready, const Deadline&) { return -ENOSYS; }
int PassTime(Environment&, int64_t) { return -ENOSYS; }
bool IsReady(Descriptor, Ready) { return false; }
bool IsShutDown(Descriptor) { return false; }
int BeginInterruptible(Environment&, Descriptor, double) { return 0; }

std::unique_ptr<EventSet> EventSet::Make() { return std::make_unique<NoEventSet>(); }

Readiness* MakeThreadReadiness(Environment&, ReadyListener, ReadyMemory) { return nullptr; }

void AddPlatformBindings(Bindings&) {}

std::vector<StructLayout> Layouts() { return {}; }

}  // namespace bsd_sockets
