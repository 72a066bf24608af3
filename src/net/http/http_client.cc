#include "net/http/http_client.h"

#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <list>
#include <utility>

#include "base/check.h"
#include "runtime/mutex.h"
#include "runtime/one_shot.h"
#include "runtime/process/worker_thread.h"

namespace streamhouse::net {

using base::Errc;
using base::Error;
using base::Result;
using runtime::MutexLock;

namespace {

constexpr long kReceiveBuffer = 256L << 10;
constexpr long kSendBuffer = 1L << 20;
constexpr std::size_t kHeaderBytesMax = 64u << 10;
constexpr int kIdleMs = 10'000;

std::string without_query(const std::string& url) { return url.substr(0, url.find('?')); }

long milliseconds(runtime::Duration duration) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(duration).count());
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

/// Whether the failure precedes every byte of the request.
bool never_connected(CURLcode code) {
  return code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
         code == CURLE_SSL_CONNECT_ERROR || code == CURLE_PEER_FAILED_VERIFICATION ||
         code == CURLE_SSL_CACERT_BADFILE;
}

/// One request from its first byte to its answer's last. Lives on the loop's thread.
class Transfer {
 public:
  using Deliver = std::move_only_function<void(Result<ClientResponse>)>;

  Transfer(ClientRequest request, Deliver deliver)
      : request_(std::move(request)), deliver_(std::move(deliver)) {}
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer() {
    if (easy_ != nullptr) curl_easy_cleanup(easy_);
    curl_slist_free_all(header_list_);
  }

  /// The handle, ready to be driven.
  CURL* prepare(const HttpClient::Options& options) {
    easy_ = curl_easy_init();
    SH_CHECK(easy_ != nullptr, "memory for a request");
    set_request();
    set_limits(options);
    set_callbacks();
    return easy_;
  }

  void finish(CURLcode code) {
    if (code == CURLE_OK && !headers_ended_) code = CURLE_PARTIAL_FILE;  // to libcurl it is one
    if (code != CURLE_OK) return deliver_(failure(code));
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    response_.status = static_cast<int>(status);
    response_.body = base::Bytes(std::move(body_));
    deliver_(std::move(response_));
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    SH_CHECK(curl_easy_setopt(easy_, option, value) == CURLE_OK, "libcurl knows the option");
  }

  void set_request() {
    set(CURLOPT_URL, request_.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_PROXY, "");
    set(CURLOPT_USERAGENT, "streamhouse/" SH_VERSION);
    const std::uint64_t size = body_size();
    if (request_.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
    } else if (size > 0 || request_.method == "PUT" || request_.method == "POST") {
      set(CURLOPT_UPLOAD, 1L);
      set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(size));
      set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    } else {
      set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
    }
    append_header("Expect:");  // or curl waits a second for servers that do not know it
    for (const auto& [name, value] : request_.headers)
      append_header(value.empty() ? name + ";" : name + ": " + value);
    set(CURLOPT_HTTPHEADER, header_list_);
  }

  void append_header(const std::string& line) {
    header_list_ = curl_slist_append(header_list_, line.c_str());
    SH_CHECK(header_list_ != nullptr, "memory for a header");
  }

  void set_limits(const HttpClient::Options& options) {
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_BUFFERSIZE, kReceiveBuffer);
    set(CURLOPT_UPLOAD_BUFFERSIZE, kSendBuffer);
    set(CURLOPT_TIMEOUT_MS, std::max(1L, milliseconds(request_.time_max)));
    set(CURLOPT_CONNECTTIMEOUT_MS, std::max(1L, milliseconds(options.connect_max)));
    set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options.stall_max.count()));
    if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
  }

  void set_callbacks() {
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_ERRORBUFFER, detail_.data());
    set(CURLOPT_READFUNCTION, &Transfer::on_read);
    set(CURLOPT_READDATA, static_cast<void*>(this));
    set(CURLOPT_SEEKFUNCTION, &Transfer::on_seek);
    set(CURLOPT_SEEKDATA, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_write);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(this));
  }

  static std::size_t on_read(char* out, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->read(out, size);
  }
  static int on_seek(void* self, curl_off_t position, int origin) {
    if (origin != SEEK_SET || position != 0) return CURL_SEEKFUNC_CANTSEEK;
    static_cast<Transfer*>(self)->rewind();
    return CURL_SEEKFUNC_OK;
  }
  static std::size_t on_write(char* bytes, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->write({bytes, size}) ? size : 0;
  }
  static std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* self) {
    return static_cast<Transfer*>(self)->take_header({bytes, size}) ? size : 0;
  }

  void rewind() {
    chunk_ = 0;
    position_ = 0;
    sent_ = 0;
  }

  std::size_t read(char* out, std::size_t size) {
    std::size_t copied = 0;
    while (copied < size && chunk_ < request_.body.size()) {
      const base::BytesView rest = request_.body[chunk_].view().subspan(position_);
      const std::size_t step = std::min(rest.size(), size - copied);
      if (step > 0) std::memcpy(out + copied, rest.data(), step);
      copied += step;
      position_ += step;
      if (step < rest.size()) break;
      ++chunk_;
      position_ = 0;
    }
    sent_ += copied;
    return copied;
  }

  bool write(std::string_view bytes) {
    if (body_.size() + bytes.size() > request_.response_bytes_max) {
      overflow_ = "more than " + std::to_string(request_.response_bytes_max) + " bytes";
      return false;
    }
    if (body_.empty()) reserve_body();
    const base::BytesView view = base::as_bytes(bytes);
    body_.insert(body_.end(), view.begin(), view.end());
    return true;
  }

  /// One buffer of the right size, where the server announces it.
  void reserve_body() {
    curl_off_t announced = -1;
    curl_easy_getinfo(easy_, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &announced);
    if (announced > 0)
      body_.reserve(
          std::min<std::size_t>(static_cast<std::size_t>(announced), request_.response_bytes_max));
  }

  bool take_header(std::string_view line) {
    if (line.starts_with("HTTP/")) {  // after a 100 Continue the headers begin anew
      response_.headers.clear();
      header_bytes_ = 0;
      headers_ended_ = false;
    }
    header_bytes_ += line.size();
    if (header_bytes_ > kHeaderBytesMax) {
      overflow_ = "more than " + std::to_string(kHeaderBytesMax) + " bytes of headers";
      return false;
    }
    headers_ended_ = trimmed(line).empty();
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    std::string name(trimmed(line.substr(0, colon)));
    std::ranges::transform(name, name.begin(), lower);
    response_.headers.push_back({std::move(name), std::string(trimmed(line.substr(colon + 1)))});
    return true;
  }

  std::uint64_t body_size() const {
    std::uint64_t size = 0;
    for (const auto& chunk : request_.body) size += chunk.size();
    return size;
  }

  /// Whether the server may have the whole request: every byte was handed over to be sent.
  bool may_have_arrived(CURLcode code) const {
    long request_bytes = 0;
    curl_easy_getinfo(easy_, CURLINFO_REQUEST_SIZE, &request_bytes);
    return !never_connected(code) && request_bytes > 0 && sent_ == body_size();
  }

  Error failure(CURLcode code) const {
    const std::string what = request_.method + " " + without_query(request_.url) + ": ";
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
      return base::make_error(Errc::kInvalid, what + curl_easy_strerror(code));
    const Errc errc = may_have_arrived(code) ? Errc::kUnknownOutcome : Errc::kUnavailable;
    if (!overflow_.empty()) return base::make_error(errc, what + "the answer has " + overflow_);
    const bool detailed = detail_.front() != '\0';
    return base::make_error(errc, what + (detailed ? detail_.data() : curl_easy_strerror(code)));
  }

  ClientRequest request_;
  Deliver deliver_;
  CURL* easy_ = nullptr;
  curl_slist* header_list_ = nullptr;
  std::size_t chunk_ = 0;     ///< Of the body, being sent.
  std::size_t position_ = 0;  ///< In that chunk.
  std::uint64_t sent_ = 0;    ///< Bytes of the body that libcurl took.
  ClientResponse response_;
  base::ByteVector body_;
  std::size_t header_bytes_ = 0;
  bool headers_ended_ = false;
  std::string overflow_;  ///< What the answer has too much of.
  std::array<char, CURL_ERROR_SIZE> detail_{};
};

}  // namespace

/// The thread, what is handed to it, and what it works on.
class HttpClient::Loop {
 public:
  explicit Loop(Options options)
      : options_(std::move(options)),
        initialised_(curl_global_init(CURL_GLOBAL_DEFAULT)),
        multi_(curl_multi_init()) {
    SH_CHECK(initialised_ == CURLE_OK && multi_ != nullptr, "libcurl starts");
    curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(options_.transfers_max));
    thread_.emplace("http-client", [this] { run(); });
  }

  ~Loop() {
    stopping_ = true;
    curl_multi_wakeup(multi_);
    thread_.reset();
    for (auto& active : active_) curl_multi_remove_handle(multi_, active.easy);
    active_.clear();
    curl_multi_cleanup(multi_);
    curl_global_cleanup();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// From another thread. False: too many wait, and `transfer` is as it was.
  bool submit(std::unique_ptr<Transfer>& transfer) {
    {
      const MutexLock lock(mutex_);
      if (submitted_.size() >= options_.queue_max) return false;
      submitted_.push_back(std::move(transfer));
    }
    curl_multi_wakeup(multi_);
    return true;
  }

 private:
  struct Active {
    CURL* easy;
    std::unique_ptr<Transfer> transfer;
  };

  void run() {
    while (!stopping_) {
      start_submitted();
      int running = 0;
      curl_multi_perform(multi_, &running);
      if (finish_ended()) continue;
      curl_multi_poll(multi_, nullptr, 0, kIdleMs, nullptr);
    }
  }

  void start_submitted() {
    while (active_.size() < options_.transfers_max) {
      std::unique_ptr<Transfer> transfer = next_submitted();
      if (!transfer) return;
      CURL* const easy = transfer->prepare(options_);
      active_.push_back({easy, std::move(transfer)});
      SH_CHECK(curl_multi_add_handle(multi_, easy) == CURLM_OK, "libcurl takes the request");
    }
  }

  std::unique_ptr<Transfer> next_submitted() {
    const MutexLock lock(mutex_);
    if (submitted_.empty()) return nullptr;
    auto transfer = std::move(submitted_.front());
    submitted_.pop_front();
    return transfer;
  }

  /// Whether any has ended.
  bool finish_ended() {
    bool any = false;
    int left = 0;
    while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      finish(message->easy_handle, message->data.result);
      any = true;
    }
    return any;
  }

  void finish(CURL* easy, CURLcode code) {
    const auto found = std::ranges::find(active_, easy, &Active::easy);
    SH_CHECK(found != active_.end(), "only what was started ends");
    found->transfer->finish(code);
    curl_multi_remove_handle(multi_, easy);
    active_.erase(found);
  }

  const Options options_;
  const CURLcode initialised_;
  CURLM* const multi_;
  std::list<Active> active_;
  std::atomic<bool> stopping_ = false;
  runtime::Mutex mutex_;
  std::deque<std::unique_ptr<Transfer>> submitted_ __attribute__((guarded_by(mutex_)));
  std::optional<runtime::WorkerThread> thread_;
};

HttpClient::HttpClient(runtime::Runtime& runtime, Options options)
    : runtime_(runtime), loop_(std::make_unique<Loop>(std::move(options))) {}

HttpClient::~HttpClient() = default;

runtime::Task<Result<ClientResponse>> HttpClient::send(ClientRequest request) {
  runtime::OneShot<Result<ClientResponse>> done(runtime_);
  auto deliver = [this, done](Result<ClientResponse> result) mutable {
    runtime_.post([done = std::move(done), result = std::move(result)]() mutable {
      done.set(std::move(result));
    });
  };
  auto transfer = std::make_unique<Transfer>(std::move(request), std::move(deliver));
  if (!loop_->submit(transfer))
    co_return base::make_error(Errc::kThrottled, "too many HTTP requests wait");
  transfer.reset();
  co_return co_await done.take();
}

}  // namespace streamhouse::net
