#include "runtime/retry/backoff.h"

#include <algorithm>

namespace streamhouse::runtime {

Duration Backoff::next(Random& random) {
  Duration ceiling = limits_.first;
  for (int doubled = 0; doubled < attempts_ && ceiling < limits_.longest; ++doubled) ceiling *= 2;
  ceiling = std::min(ceiling, limits_.longest);
  ++attempts_;
  return Duration(random.between(ceiling.count() / 2, ceiling.count()));
}

}  // namespace streamhouse::runtime
