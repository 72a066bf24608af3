#include "cli/output/json.h"

#include <google/protobuf/message.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "cli/output/encoding.h"
#include "streamhouse/v1/streamhouse.pb.h"

namespace streamhouse::cli {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using Json = nlohmann::ordered_json;

namespace {

/// Text that came from elsewhere (an argument in an error) may be no UTF-8: it never stops the
/// output.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json object_of(const Message& message);

/// The values of one field, so that single and repeated ones are read by one switch.
class FieldValues {
 public:
  FieldValues(const Message& message, const FieldDescriptor& field)
      : message_(message), field_(field), reflection_(*message.GetReflection()) {}

  Json single() const {
    if (field_.has_presence() && !reflection_.HasField(message_, &field_)) return nullptr;
    switch (field_.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return reflection_.GetInt32(message_, &field_);
      case FieldDescriptor::CPPTYPE_INT64:
        return reflection_.GetInt64(message_, &field_);
      case FieldDescriptor::CPPTYPE_STRING:
        return reflection_.GetString(message_, &field_);
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return object_of(reflection_.GetMessage(message_, &field_));
      default:
        SH_CHECK(false, "what is shown holds whole numbers, texts and messages");
    }
    return nullptr;
  }

  Json list() const {
    Json array = Json::array();
    for (int i = 0; i < reflection_.FieldSize(message_, &field_); ++i) {
      array.push_back(object_of(reflection_.GetRepeatedMessage(message_, &field_, i)));
    }
    return array;
  }

  Json map() const {
    std::map<std::string, std::string> sorted;
    for (int i = 0; i < reflection_.FieldSize(message_, &field_); ++i) {
      const auto& entry = reflection_.GetRepeatedMessage(message_, &field_, i);
      const auto& type = *entry.GetDescriptor();
      const auto& access = *entry.GetReflection();
      sorted[access.GetString(entry, type.map_key())] = access.GetString(entry, type.map_value());
    }
    return sorted.empty() ? Json::object() : Json(sorted);
  }

 private:
  const Message& message_;
  const FieldDescriptor& field_;
  const Reflection& reflection_;
};

Json object_of(const Message& message) {
  Json object = Json::object();
  const auto& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const auto& field = *type.field(i);
    if (field.name() == "next_page_token") continue;
    const FieldValues values(message, field);
    object[field.name()] = field.is_map()        ? values.map()
                           : field.is_repeated() ? values.list()
                                                 : values.single();
  }
  return object;
}

enum class Presence : bool { kAbsent, kPresent };

void put_bytes(Json& object, const std::string& name, Presence presence, const std::string& bytes) {
  if (presence == Presence::kAbsent) {
    object[name] = nullptr;
  } else if (is_utf8(bytes)) {
    object[name] = bytes;
  } else {
    object[name + "_base64"] = to_base64(bytes);
  }
}

}  // namespace

std::string json_of(const Message& message) { return dump(object_of(message)); }

std::string topic_json(const v1::GetTopicResponse& description) {
  Json object = object_of(description.topic());
  object["partitions"] = object_of(description)["partitions"];
  return dump(object);
}

std::string record_json(const std::string& topic, std::int32_t partition,
                        const v1::ConsumedRecord& consumed) {
  const auto& record = consumed.record();
  Json object = {{"topic", topic},
                 {"partition_id", partition},
                 {"offset", consumed.offset()},
                 {"timestamp", record.timestamp_ms()}};
  put_bytes(object, "key", Presence{record.has_key()}, record.key());
  put_bytes(object, "value", Presence{record.has_value()}, record.value());
  auto& headers = object["headers"] = Json::array();
  for (const auto& header : record.headers()) {
    Json entry = {{"key", header.key()}};
    put_bytes(entry, "value", Presence{header.has_value()}, header.value());
    headers.push_back(std::move(entry));
  }
  return dump(object);
}

std::string produce_json(const ProduceSummary& summary) {
  Json object = {{"topic", summary.topic}, {"record_count", summary.record_count}};
  auto& partitions = object["partitions"] = Json::array();
  for (const auto& [partition, sum] : summary.partitions) {
    partitions.push_back({{"partition_id", partition},
                          {"first_offset", sum.first_offset},
                          {"last_offset", sum.last_offset},
                          {"record_count", sum.record_count}});
  }
  return dump(object);
}

std::string commit_json(const std::string& group, const v1::PartitionOffset& commit) {
  return dump({{"group_id", group},
               {"topic", commit.topic()},
               {"partition_id", commit.partition()},
               {"committed_offset", commit.offset()},
               {"metadata", commit.metadata()}});
}

std::string version_json() { return dump({{"version", SH_VERSION}}); }

std::string error_json(const std::string& code, const std::string& text) {
  return dump({{"error", {{"code", code}, {"message", text}}}});
}

}  // namespace streamhouse::cli
