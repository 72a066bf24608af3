#include "model/ids.h"

#include "base/hex.h"

namespace streamhouse::model {

std::string to_string(const TopicId& id) {
  std::string text = base::to_hex(base::BytesView(id.bytes));
  for (const std::size_t position : {8u, 13u, 18u, 23u}) text.insert(position, 1, '-');
  return text;
}

std::string to_string(const TopicPartition& key) {
  return std::to_string(key.topic.value()) + "/" + std::to_string(key.partition.value());
}

std::ostream& operator<<(std::ostream& out, const TopicPartition& key) {
  return out << to_string(key);
}

std::string to_string(SessionId session) { return base::to_hex(session.value()); }

}  // namespace streamhouse::model
