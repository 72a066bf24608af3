#include "upkeep/deletion/trim_marks.h"

#include <algorithm>
#include <functional>

#include "segment/object_key.h"

namespace streamhouse::upkeep {

using base::Errc;
using base::Status;
using runtime::Task;

namespace {

constexpr std::size_t kPerPage = 500;

std::optional<segment::FlushKey> flushed(const std::string& key) {
  const auto name = segment::parse_key(key);
  const auto* flush = name ? std::get_if<segment::FlushKey>(&*name) : nullptr;
  return flush == nullptr ? std::nullopt : std::optional(*flush);
}

}  // namespace

Task<TrimMarks::Covered> TrimMarks::cover(std::vector<std::string> dead) {
  std::map<model::SessionId, model::Seq> newest;
  for (const std::string& key : dead) {
    if (const auto flush = flushed(key))
      newest[flush->session] = std::max(newest[flush->session], flush->seq);
  }
  Covered covered;
  for (const auto& [session, seq] : newest) {
    if (is_covered(session, seq)) continue;
    Status done = co_await cover_session(session, seq);
    if (!done && !covered.refusal) covered.refusal = std::move(done).error();
  }
  for (std::string& key : dead) {
    const auto flush = flushed(key);
    if (!flush || is_covered(flush->session, flush->seq)) covered.keys.push_back(std::move(key));
  }
  co_return covered;
}

bool TrimMarks::is_covered(model::SessionId session, model::Seq seq) const {
  const auto covered = covered_.find(session);
  return covered != covered_.end() && covered->second >= seq;
}

/// By one mark for all that is trimmed.
Task<Status> TrimMarks::cover_session(model::SessionId session, model::Seq seq) {
  const auto row = co_await metadata_.get_session(session);
  const bool is_gone = !row && row.error().code == Errc::kNotFound;
  if (!row && !is_gone) co_return row.error();
  const model::Seq upto = is_gone ? seq : std::max(seq, row->trimmed_to);
  std::string key = segment::to_key(segment::TrimKey{.session = session, .seq = upto});
  SH_CO_TRY_OK(co_await objects_.put(std::move(key), {}));
  covered_[session] = upto;
  co_return co_await remove_earlier(session);
}

/// All but the greatest, whoever put it.
Task<Status> TrimMarks::remove_earlier(model::SessionId session) {
  const std::string prefix = segment::session_prefix(session) + "trimmed-";
  std::vector<segment::TrimKey> marks;
  std::string after;
  for (bool more = true; more;) {
    SH_CO_TRY(const auto page, co_await objects_.list(prefix, after, kPerPage));
    more = page.more;
    for (const objectstore::ObjectInfo& object : page.objects) {
      after = object.key;
      const auto name = segment::parse_key(object.key);
      const auto* mark = name ? std::get_if<segment::TrimKey>(&*name) : nullptr;
      if (mark != nullptr) marks.push_back(*mark);
    }
  }
  std::ranges::sort(marks, std::greater(), &segment::TrimKey::seq);
  for (std::size_t i = 1; i < marks.size(); ++i) {
    std::string key = segment::to_key(marks[i]);
    SH_CO_TRY_OK(co_await objects_.remove(std::move(key)));
  }
  co_return Status{};
}

}  // namespace streamhouse::upkeep
