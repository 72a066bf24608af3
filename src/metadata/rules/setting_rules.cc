#include "metadata/rules/setting_rules.h"

#include <set>

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;

namespace {

constexpr std::int64_t kProducerIdsPerCallMax = 1'000'000;

}  // namespace

Status check_producer_id_count(std::int64_t count) {
  if (count >= 1 && count <= kProducerIdsPerCallMax) return {};
  return make_error(Errc::kInvalid, "cannot allocate " + std::to_string(count) + " producer ids");
}

Status check_setting_version(const std::string& key, std::int64_t stored, std::int64_t expected) {
  if (stored == expected) return {};
  return make_error(Errc::kConflict, "setting '" + key + "' has version " + std::to_string(stored) +
                                         ", not " + std::to_string(expected));
}

Status check_replacement_form(const Replacement& replacement) {
  if (replacement.inputs.empty() || replacement.objects.empty() || replacement.segments.empty())
    return make_error(Errc::kInvalid, "a replacement needs inputs, objects and segments");
  std::set<std::string> keys;
  for (const ObjectRow& object : replacement.objects)
    if (!keys.insert(object.key).second)
      return make_error(Errc::kInvalid, "object " + object.key + " is named twice");
  for (const Segment& segment : replacement.segments)
    if (!keys.contains(segment.location.object_key))
      return make_error(Errc::kInvalid, "a segment lies in object " + segment.location.object_key +
                                            ", which is not written here");
  return {};
}

}  // namespace streamhouse::metadata
