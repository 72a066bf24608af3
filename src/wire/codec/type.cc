#include "wire/codec/type.h"

namespace streamhouse::wire {

std::size_t Records::size() const {
  std::size_t size = 0;
  for (const base::Bytes& piece : pieces) size += piece.size();
  return size;
}

std::string to_string(Versions versions) {
  if (!versions.any()) return {};
  std::string text = std::to_string(versions.first());
  if (versions.last() == Versions::kOpenEnd) return text + '+';
  if (versions.last() != versions.first()) text += '-' + std::to_string(versions.last());
  return text;
}

}  // namespace streamhouse::wire
