#include "service/random_id.h"

namespace streamhouse::service {

model::TopicId random_uuid(runtime::Random& random) {
  model::TopicId id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random.next());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x40);  // UUID version 4
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);  // RFC 4122 variant
  return id;
}

}  // namespace streamhouse::service
