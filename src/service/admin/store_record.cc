#include "service/admin/store_record.h"

namespace streamhouse::service {

using base::Errc;
using base::Status;
using runtime::Task;

Task<Status> StoreRecord::write(std::string bucket, std::string prefix) {
  SH_CO_TRY_OK(co_await set(std::string(kBucket), std::move(bucket)));
  co_return co_await set(std::string(kPrefix), std::move(prefix));
}

Task<Status> StoreRecord::set(std::string key, std::string value) {
  const auto found = co_await metadata_.get_setting(key);
  const bool absent = !found && found.error().code == Errc::kNotFound;
  if (!found && !absent) co_return found.error();
  const std::string_view known = absent ? std::string_view() : base::as_text(found->value);
  if (known == value) co_return Status{};
  const std::int64_t version = absent ? 0 : found->version;
  const auto written =
      co_await metadata_.put_setting(std::move(key), base::Bytes(std::move(value)), version);
  // Another agent was quicker: it uses the same store.
  if (written || written.error().code == Errc::kConflict) co_return Status{};
  co_return written.error();
}

}  // namespace streamhouse::service
