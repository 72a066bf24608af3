#include "cluster/freeze_mark.h"

namespace streamhouse::cluster {

using base::Errc;
using base::Status;
using runtime::Task;

Task<Status> FreezeMark::set(std::string why) {
  const auto written =
      co_await metadata_.put_setting(std::string(kSetting), base::Bytes(std::move(why)), 0);
  if (written || written.error().code == Errc::kConflict) co_return Status{};
  co_return written.error();
}

Task<Status> FreezeMark::check() {
  const auto found = co_await metadata_.get_setting(std::string(kSetting));
  if (!found && found.error().code == Errc::kNotFound) co_return Status{};
  if (!found) co_return found.error();
  co_return base::make_error(Errc::kRegressed,
                             "the cluster is frozen until an operator has looked: " +
                                 std::string(base::as_text(found->value)));
}

Task<Status> FreezeMark::clear() {
  const auto found = co_await metadata_.get_setting(std::string(kSetting));
  if (!found && found.error().code == Errc::kNotFound) co_return Status{};
  if (!found) co_return found.error();
  co_return co_await metadata_.delete_setting(found->key, found->version);
}

}  // namespace streamhouse::cluster
