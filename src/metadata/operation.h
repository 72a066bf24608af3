#pragma once
/// \file  The operations of MetadataStore by name, for metrics and fault injection.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace streamhouse::metadata {

/// In the order of the interface headers.
enum class Operation : std::uint8_t {
  kCreateTopic,
  kDeleteTopic,
  kPurgeTopic,
  kGetTopic,
  kListTopics,
  kUpdateTopicConfig,
  kCreatePartitions,
  kGetPartition,
  kListPartitions,
  kListFreePartitions,
  kAdvanceLogStart,
  kAppend,
  kCheckpoint,
  kGetCheckpoint,
  kTrim,
  kTail,
  kListDueSessions,
  kGetSession,
  kListSessions,
  kSealSession,
  kLoadRecovery,
  kRecoverPartitions,
  kFinishRecovery,
  kSelfSeal,
  kOpenSession,
  kHeartbeat,
  kDeregisterAgent,
  kGetAgent,
  kListAgents,
  kAcquireLeases,
  kGetLease,
  kListLeases,
  kLoadPartitions,
  kListSegments,
  kFindSegment,
  kDeleteSegmentsBefore,
  kReplaceObjects,
  kListObjects,
  kCountObjects,
  kListDead,
  kForgetObjects,
  kNamedObjects,
  kSaveGroup,
  kCommitOffsets,
  kDeleteOffsets,
  kDeleteGroup,
  kLoadGroup,
  kFetchOffsets,
  kListGroups,
  kExpireOffsets,
  kAllocateProducerIds,
  kWatchChanges,
  kGetSetting,
  kPutSetting,
  kDeleteSetting,
  kListSettings,
  kClusterInfo,
  kDatabaseNow,
  kReadRows,
  kBeginImport,
  kInsertRows,
};
constexpr std::size_t kOperationCount = static_cast<std::size_t>(Operation::kInsertRows) + 1;

/// One per interface header.
enum class OperationGroup : std::uint8_t {
  kTopics,
  kLog,
  kLeases,
  kObjects,
  kGroups,
  kSettings,
  kArchive,
};
constexpr std::size_t kOperationGroupCount = 7;

enum class Access : std::uint8_t { kRead, kWrite };

struct OperationInfo {
  std::string_view name;  ///< As the function's.
  OperationGroup group;
  Access access;
};

const OperationInfo& info(Operation operation);

/// A value for each operation.
template <class T>
class ByOperation {
 public:
  T& operator[](Operation operation) { return values_[static_cast<std::size_t>(operation)]; }
  const T& operator[](Operation operation) const {
    return values_[static_cast<std::size_t>(operation)];
  }
  void fill(const T& value) { values_.fill(value); }

 private:
  std::array<T, kOperationCount> values_{};
};

}  // namespace streamhouse::metadata
