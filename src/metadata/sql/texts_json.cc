#include "metadata/sql/texts_json.h"

#include <nlohmann/json.hpp>

namespace streamhouse::metadata {

using base::Errc;

base::Result<std::string> to_json(const Texts& texts) try {
  return nlohmann::json(texts).dump();
} catch (const nlohmann::json::exception&) {
  return {Errc::kInvalid, "a config or metadata text is not UTF-8"};
}

base::Result<Texts> from_json(std::string_view json) {
  const nlohmann::json parsed = nlohmann::json::parse(json, nullptr, false);
  if (!parsed.is_object()) return {Errc::kCorrupt, "a stored config or metadata is no JSON object"};
  Texts texts;
  for (const auto& [key, value] : parsed.items()) {
    if (!value.is_string())
      return {Errc::kCorrupt, "stored config or metadata '" + key + "' is no text"};
    texts[key] = value.get<std::string>();
  }
  return texts;
}

}  // namespace streamhouse::metadata
