#include "cluster/look_back.h"

namespace streamhouse::cluster {
namespace {

using base::Errc;

base::Error loss_of(model::SessionId session, model::Seq committed) {
  return base::make_error(Errc::kRegressed,
                          "row " + std::to_string(committed.value()) + " of session " +
                              to_string(session) +
                              " was committed and is gone: the database has lost commits");
}

}  // namespace

runtime::Task<base::Status> look_back(metadata::MetadataStore& metadata, model::SessionId session,
                                      model::Seq committed) {
  if (committed < model::Seq(1)) co_return base::Status{};  // nothing but the open row
  const auto rows = co_await metadata.tail(session, committed - 1, 1);
  const bool is_known = rows || rows.error().code == Errc::kNotFound;
  if (!is_known) co_return rows.error();
  if (rows && !rows->empty() && rows->front().seq == committed &&
      rows->front().kind != metadata::RowKind::kSeal)
    co_return base::Status{};
  const auto row = co_await metadata.get_session(session);  // after the log: trims go on
  if (row && row->trimmed_to >= committed) co_return base::Status{};
  if (row || row.error().code == Errc::kNotFound) co_return loss_of(session, committed);
  co_return row.error();
}

}  // namespace streamhouse::cluster
