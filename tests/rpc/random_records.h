#pragma once
/// \file  Random messages with records, the odd ones among them: null, empty, no text, many
/// headers.

#include <string>

#include "runtime/random.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::rpc_testing {

inline std::string random_bytes(runtime::Random& random, std::size_t size_max) {
  std::string bytes(random.below(size_max + 1), '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

inline std::string random_text(runtime::Random& random, std::size_t size_max) {
  static constexpr const char* kCharacters[] = {"a", "Z", "0", " ", "\n", "é", "水", "😀", "\x01"};
  std::string text;
  for (std::size_t left = random.below(size_max + 1); left > 0; --left) {
    text += kCharacters[random.below(std::size(kCharacters))];
  }
  return text;
}

inline v1::Record random_record(runtime::Random& random) {
  v1::Record record;
  if (random.below(3) > 0) record.set_key(random_bytes(random, 40));
  if (random.below(8) > 0) record.set_value(random_bytes(random, 300));
  for (std::uint64_t left = random.below(4); left > 0; --left) {
    v1::Header& header = *record.add_headers();
    header.set_key(random_text(random, 10));
    if (random.below(3) > 0) header.set_value(random_bytes(random, 20));
  }
  if (random.below(4) > 0) {
    record.set_timestamp_ms(1'700'000'000'000 + static_cast<std::int64_t>(random.below(1'000'000)));
  }
  return record;
}

}  // namespace streamhouse::rpc_testing
