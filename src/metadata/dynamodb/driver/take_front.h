#pragma once
/// \file  A list in runs that DynamoDB takes at once.

#include <algorithm>
#include <span>
#include <vector>

namespace streamhouse::metadata::dynamodb {

/// Takes the first of `rest` off it, at most `most` of them.
template <class T>
std::vector<T> take_front(std::span<const T>& rest, std::size_t most) {
  const std::span<const T> front = rest.first(std::min(most, rest.size()));
  rest = rest.subspan(front.size());
  return {front.begin(), front.end()};
}

}  // namespace streamhouse::metadata::dynamodb
