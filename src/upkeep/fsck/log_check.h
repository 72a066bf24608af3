#pragma once
/// \file  LogCheck: whether the rows of one session's log are what the protocol writes. Pure.

#include "metadata/session_log.h"
#include "upkeep/fsck/findings.h"

namespace streamhouse::upkeep {

/// W7: no seq is missing. F1: nothing follows the seal. R5: payloads decode.
class LogCheck {
 public:
  /// `session` was read before any of its rows.
  explicit LogCheck(const metadata::Session& session)
      : session_(session.id), next_(session.trimmed_to + 1) {}

  /// The seq that the next row must have.
  model::Seq next() const { return next_; }
  /// The log was trimmed up to there meanwhile, or what was missing is reported.
  void skip_to(model::Seq next) { next_ = next; }
  /// Takes the row next(); a commit's spans go to `spans`. Requires: row.seq == next().
  Findings take(const metadata::LogRow& row, segment::SpanTable& spans);
  bool sealed() const { return sealed_; }

 private:
  Finding damaged(const metadata::LogRow& row, const base::Error& why) const;

  model::SessionId session_;
  model::Seq next_;
  bool sealed_ = false;
};

}  // namespace streamhouse::upkeep
