#include "cli/client/status.h"

#include <fmt/core.h>

namespace streamhouse::cli {

using base::Errc;
using base::Error;

namespace {

std::string trailer(const grpc::ClientContext& context, const char* name) {
  const auto& trailers = context.GetServerTrailingMetadata();
  const auto found = trailers.find(name);
  return found == trailers.end() ? std::string()
                                 : std::string(found->second.data(), found->second.size());
}

Errc code_of_transport(grpc::StatusCode code) {
  if (code == grpc::StatusCode::UNIMPLEMENTED) return Errc::kUnsupported;
  if (code == grpc::StatusCode::RESOURCE_EXHAUSTED) return Errc::kTooLarge;
  return Errc::kUnknownOutcome;
}

}  // namespace

Errc errc_named(std::string_view name) {
  for (auto i = 0; i <= static_cast<int>(Errc::kInternal); ++i) {
    if (base::errc_name(static_cast<Errc>(i)) == name) return static_cast<Errc>(i);
  }
  return Errc::kInternal;
}

Failure failure_of(const grpc::Status& status, const grpc::ClientContext& context,
                   const std::string& address) {
  const auto name = trailer(context, "streamhouse-error");
  if (!name.empty()) {
    const Error error{errc_named(name), status.error_message(),
                      trailer(context, "streamhouse-leader")};
    return {error, Answered::kYes};
  }
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) return no_answer_from(address);
  auto text = fmt::format("{}: {}", address, status.error_message());
  return {Error{code_of_transport(status.error_code()), std::move(text)}, Answered::kNo};
}

Failure no_answer_from(const std::string& address) {
  auto text = fmt::format("no answer from {} in time", address);
  return {Error{Errc::kUnknownOutcome, std::move(text)}, Answered::kNo};
}

}  // namespace streamhouse::cli
