#include "kafka/groups/subscriptions.h"

#include "wire/codec/decoder.h"

namespace streamhouse::kafka {
namespace {

/// How the metadata of a consumer begins, in all its versions; what follows is for the assignor.
struct Subscription {
  std::int16_t version = 0;
  wire::Array<wire::String> topics = {};

  static wire::FieldList fields() {
    static constexpr wire::Field kFields[] = {
        wire::field<&Subscription::version>("Version", "0+"),
        wire::field<&Subscription::topics>("Topics", "0+"),
    };
    return kFields;
  }
};

}  // namespace

Subscriptions::Subscriptions(const groups::MembershipRecord& membership) {
  for (const groups::MemberRecord& member : membership.members) {
    for (const groups::Protocol& protocol : member.protocols) {
      Subscription subscription;
      wire::Decoder decoder(protocol.metadata, 0, wire::Flexible::kNo, {});
      const auto read = decoder.decode(wire::TypeOf<Subscription>::kType, &subscription);
      unknown_ = unknown_ || !read;
      topics_.insert(subscription.topics.begin(), subscription.topics.end());
    }
  }
}

}  // namespace streamhouse::kafka
