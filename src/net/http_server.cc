#include "net/http_server.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <list>
#include <optional>
#include <utility>

#include "net/listening.h"
#include "runtime/task_group.h"

namespace streamhouse::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using runtime::Task;

namespace {

constexpr auto kResult = asio::as_tuple(asio::use_awaitable);
constexpr runtime::Duration kAcceptBackoff = std::chrono::milliseconds(100);

using Request = http::request_parser<http::empty_body>;
using Response = http::response<http::string_body>;

HttpResponse refusal(http::status status) {
  return {.status = static_cast<unsigned>(status),
          .body = std::string(http::obsolete_reason(status))};
}

/// What a read that failed deserves as an answer; nullopt if nobody is there to read one.
std::optional<HttpResponse> answer_to_bad_request(const error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow)
    return refusal(http::status::request_header_fields_too_large);
  const bool closed = error == http::error::end_of_stream || error == http::error::partial_message;
  if (!closed && error.category() == http::make_error_code(http::error::end_of_stream).category())
    return refusal(http::status::bad_request);
  return std::nullopt;
}

Response encode(HttpResponse answer, bool keep_alive, unsigned version) {
  Response response(static_cast<http::status>(answer.status), version, std::move(answer.body));
  response.set(http::field::content_type, answer.content_type);
  if (response.result() == http::status::method_not_allowed)
    response.set(http::field::allow, "GET, HEAD");
  response.keep_alive(keep_alive);
  response.prepare_payload();
  return response;
}

}  // namespace

class HttpServer::Connections {
 public:
  Connections(runtime::Runtime& runtime, Options options, HttpHandler handler)
      : options_(options),
        handler_(std::move(handler)),
        acceptor_(runtime.executor()),
        ended_(runtime),
        group_(runtime) {}

  base::Result<HostPort> listen(const HostPort& address);
  std::size_t size() const { return streams_.size(); }
  Task<void> close();

 private:
  using Streams = std::list<beast::tcp_stream>;

  Task<void> accept();
  Task<void> make_room();
  Task<void> serve(Streams::iterator stream);
  Task<bool> exchange(Streams::iterator stream, beast::flat_buffer* buffer);
  HttpResponse answer(const Request& request);
  void count_connection(double change) {
    if (options_.connections != nullptr) options_.connections->add(change);
  }

  const Options options_;
  HttpHandler handler_;
  tcp::acceptor acceptor_;
  Streams streams_;        ///< Idle longest first.
  runtime::Signal ended_;  ///< Of a connection.
  runtime::TaskGroup group_;
};

base::Result<HostPort> HttpServer::Connections::listen(const HostPort& address) {
  SH_TRY(HostPort bound, begin_listening(address, acceptor_));
  group_.spawn(accept());
  return bound;
}

Task<void> HttpServer::Connections::accept() {
  while (!group_.stopping()) {
    auto [error, socket] = co_await acceptor_.async_accept(kResult);
    if (group_.stopping()) break;
    if (error) {
      co_await group_.sleep_until_stop(kAcceptBackoff);  // for instance out of descriptors
      continue;
    }
    co_await make_room();
    const auto stream = streams_.emplace(streams_.end(), std::move(socket));
    group_.spawn(serve(stream));
  }
}

Task<void> HttpServer::Connections::make_room() {
  while (streams_.size() >= options_.connections_max) {
    streams_.front().close();
    co_await ended_.wait();
  }
}

Task<void> HttpServer::Connections::serve(Streams::iterator stream) {
  count_connection(1);
  beast::flat_buffer buffer(options_.header_bytes_max);
  bool more = true;
  while (more && !group_.stopping()) more = co_await exchange(stream, &buffer);
  error_code ignored;
  stream->socket().shutdown(tcp::socket::shutdown_send, ignored);
  streams_.erase(stream);
  count_connection(-1);
  ended_.notify_all();
}

/// One request and its answer. Returns whether the connection goes on.
Task<bool> HttpServer::Connections::exchange(Streams::iterator stream, beast::flat_buffer* buffer) {
  Request request;
  request.header_limit(static_cast<std::uint32_t>(options_.header_bytes_max));
  stream->expires_after(options_.request_time_max);
  const auto [failed, read] = co_await http::async_read(*stream, *buffer, request, kResult);
  std::optional<HttpResponse> reply = failed ? answer_to_bad_request(failed) : answer(request);
  if (!reply) co_return false;
  const bool go_on = !failed && request.keep_alive();
  const unsigned version = failed ? 11 : request.get().version();
  Response response = encode(*std::move(reply), go_on, version);
  if (!failed && request.get().method() == http::verb::head) response.body().clear();
  const auto [broken, written] = co_await http::async_write(*stream, response, kResult);
  streams_.splice(streams_.end(), streams_, stream);
  co_return go_on && !broken;
}

HttpResponse HttpServer::Connections::answer(const Request& request) {
  const http::verb method = request.get().method();
  if (method != http::verb::get && method != http::verb::head)
    return refusal(http::status::method_not_allowed);
  const std::string target(request.get().target());
  return handler_(HttpRequest{.path = target.substr(0, target.find('?'))});
}

Task<void> HttpServer::Connections::close() {
  group_.stop();
  error_code ignored;
  acceptor_.close(ignored);
  for (beast::tcp_stream& stream : streams_) stream.close();
  co_await group_.close();
}

HttpServer::HttpServer(runtime::Runtime& runtime, Options options, HttpHandler handler)
    : connections_(std::make_unique<Connections>(runtime, options, std::move(handler))) {}

HttpServer::~HttpServer() = default;

base::Result<HostPort> HttpServer::listen(const HostPort& address) {
  return connections_->listen(address);
}

std::size_t HttpServer::connection_count() const { return connections_->size(); }

Task<void> HttpServer::close() { return connections_->close(); }

}  // namespace streamhouse::net
