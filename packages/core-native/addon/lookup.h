#pragma once

#include <memory>
#include <utility>

#include "binding.h"

// A lookup asks a name service, which may take its time. A binding of one has a last argument
// `done`: without it the lookup runs here and now, and its answer is returned; with it the very
// same code runs in the thread pool, and `done` gets the answer.

namespace bsd_sockets {

// A JavaScript function; null for null and undefined.
struct Callback {
  napi_value function = nullptr;
};

bool Read(napi_env env, napi_value value, Callback* out);

// A lookup on its way through the thread pool.
class Lookup {
 public:
  virtual ~Lookup() = default;
  // Asks. It calls nothing of Node-API: it runs in a thread without an environment.
  virtual void Find() = 0;
  // The answer for JavaScript, on the thread of the environment.
  virtual napi_value Answer(Environment& environment) const = 0;
};

// Hands a lookup to the thread pool, and returns its number.
napi_value StartLookup(Environment& environment, std::unique_ptr<Lookup> lookup, Callback done);

// Keeps a lookup from running: 0, and its `done` gets undefined. -EBUSY once it runs, -ENOENT if
// there is none with this number.
int64_t CancelLookup(Environment& environment, int number);

// Runs `find`, a function that returns an answer and calls nothing of Node-API; the answer's type
// has a function Write(Environment&, const Answer&).
template <typename Function>
napi_value LookUp(Environment& environment, Callback done, Function find) {
  using Found = decltype(find());
  class LookupOf : public Lookup {
   public:
    explicit LookupOf(Function function) : find_(std::move(function)) {}
    void Find() override { found_ = find_(); }
    napi_value Answer(Environment& owner) const override { return Write(owner, found_); }

   private:
    Function find_;
    Found found_{};
  };
  if (!done.function) return Write(environment, find());
  return StartLookup(environment, std::make_unique<LookupOf>(std::move(find)), done);
}

}  // namespace bsd_sockets
