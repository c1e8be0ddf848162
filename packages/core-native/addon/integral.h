#pragma once

#include <limits>

namespace bsd_sockets {

// A double as an integer, where the conversion of the language is undefined for NaN and for what
// does not fit: the nearest limit, and the lower one for NaN.
template <typename Integer>
Integer Integral(double value) {
  using Limits = std::numeric_limits<Integer>;
  // The first integer that does not fit is a power of two, which a double holds exactly.
  constexpr double end = 2.0 * static_cast<double>(Limits::max() / 2 + 1);
  if (!(value > static_cast<double>(Limits::min()))) return Limits::min();
  return value < end ? static_cast<Integer>(value) : Limits::max();
}

}  // namespace bsd_sockets
