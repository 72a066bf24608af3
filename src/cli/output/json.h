#pragma once
/// \file  The JSON forms: each a document, or a line, without the line feed.

#include <cstdint>
#include <string>

#include "base/error.h"
#include "cli/produce/produce_summary.h"

namespace google::protobuf {
class Message;
}
namespace streamhouse::v1 {
class ConsumedRecord;
class GetTopicResponse;
class PartitionOffset;
}  // namespace streamhouse::v1

namespace streamhouse::cli {

/// An object with the message's fields under their own names, in their order: numbers as numbers,
/// an absent optional field as null, lists and maps always there. Page tokens are left out.
std::string json_of(const google::protobuf::Message& message);

/// The topic's fields and "partitions", in one object.
std::string topic_json(const v1::GetTopicResponse& description);
/// Key, value and header values that are not UTF-8 stand under NAME_base64 instead.
std::string record_json(const std::string& topic, std::int32_t partition,
                        const v1::ConsumedRecord& record);
std::string produce_json(const ProduceSummary& summary);
std::string commit_json(const std::string& group, const v1::PartitionOffset& commit);
std::string version_json();
std::string error_json(const std::string& code, const std::string& text);

}  // namespace streamhouse::cli
