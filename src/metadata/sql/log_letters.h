#pragma once
/// \file  Numbers and letters that SQL tables keep for enumerators.

#include "metadata/metadata_store.h"

namespace streamhouse::metadata {

static_assert(static_cast<int>(TopicState::kLive) == 0 &&
              static_cast<int>(TopicState::kDeleting) == 1);
static_assert(static_cast<int>(TopicKind::kUser) == 0 &&
              static_cast<int>(TopicKind::kInternal) == 1);
static_assert(static_cast<int>(SessionState::kLive) == 0 &&
              static_cast<int>(SessionState::kFencing) == 1 &&
              static_cast<int>(SessionState::kRecovered) == 2);
static_assert(static_cast<int>(ObjectState::kLive) == 0 &&
              static_cast<int>(ObjectState::kDead) == 1);
static_assert(static_cast<int>(ChangeKind::kTopic) == 0 &&
              static_cast<int>(ChangeKind::kLease) == 1 &&
              static_cast<int>(ChangeKind::kGroup) == 2 &&
              static_cast<int>(ChangeKind::kAgent) == 3);

/// The letter of sh_commits.kind.
constexpr std::string_view kind_letter(RowKind kind) {
  switch (kind) {
    case RowKind::kOpen:
      return "O";
    case RowKind::kCommit:
      return "C";
    case RowKind::kRelease:
      return "R";
    case RowKind::kSeal:
      return "S";
  }
  return "";
}

constexpr RowKind kind_of_letter(std::string_view letter) {
  if (letter == "C") return RowKind::kCommit;
  if (letter == "R") return RowKind::kRelease;
  return letter == "S" ? RowKind::kSeal : RowKind::kOpen;
}

}  // namespace streamhouse::metadata
