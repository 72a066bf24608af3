#include "runtime/backoff.h"

#include <algorithm>

namespace streamhouse::runtime {

Duration Backoff::next(Random& random) {
  const int doublings = std::min(attempts_++, 30);
  const Duration ceiling =
      std::min(limits_.longest, limits_.first * (std::int64_t{1} << doublings));
  return Duration(random.between(ceiling.count() / 2, ceiling.count()));
}

}  // namespace streamhouse::runtime
