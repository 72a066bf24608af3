#pragma once
/// \file  What members say of themselves, copied: a group keeps it for longer than a request lives.

#include <optional>
#include <string>

#include "groups/membership/membership.h"
#include "wire/codec/type.h"

namespace streamhouse::kafka {

inline std::optional<std::string> copy_of(const wire::NullableString& text) {
  return text ? std::optional(std::string(*text)) : std::nullopt;
}

inline groups::MemberClaim member_claim(wire::String member_id,
                                        const wire::NullableString& instance_id,
                                        std::int32_t generation) {
  return {.member_id = std::string(member_id),
          .instance_id = copy_of(instance_id),
          .generation = generation};
}

}  // namespace streamhouse::kafka
