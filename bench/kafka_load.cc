// kafka_load produce|consume [--brokers HOST:PORT] --records N [--bytes N] [--topic NAME]
//            [--partitions N] [--rate N] [--rounds N] [--set KEY=VALUE]...
// Produces or consumes with librdkafka, as fast as it can or, with --rate, so many records a second
// one by one. A consumer reads them --rounds times. Without --brokers to a broker in this process
// that keeps nothing: what the client costs. Prints a JSON object; exit 1 if anything failed.
#include <librdkafka/rdkafka.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

namespace streamhouse::bench {

struct Options {
  std::string mode;
  std::string brokers;
  std::string topic = "load";
  std::int64_t records = 1;
  std::size_t bytes = 1024;
  std::int32_t partitions = 1;
  std::int64_t rate = 0;
  std::int64_t rounds = 1;
  std::vector<std::string> settings;
};

namespace {

using Clock = std::chrono::steady_clock;

/// For more records than there are: no longer, or the end of a round is a time of idleness.
constexpr int kWaitMs = 20;

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "error: %s\n", why.c_str());
  std::exit(1);
}

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Of this process, its threads and the kernel's work for them.
double processor_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

/// What became of the records, told by librdkafka for each.
struct Outcome {
  std::int64_t delivered = 0;
  std::int64_t failed = 0;
  std::string why;
  std::vector<double> times_ms;
};

/// The opaque of a record with a rate: when it was handed over, in ns, else none.
void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& outcome = *static_cast<Outcome*>(opaque);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++outcome.failed;
    outcome.why = rd_kafka_err2str(message->err);
    return;
  }
  ++outcome.delivered;
  const auto sent = reinterpret_cast<std::intptr_t>(message->_private);
  if (sent == 0) return;
  const auto took = Clock::now().time_since_epoch() - std::chrono::nanoseconds(sent);
  outcome.times_ms.push_back(std::chrono::duration<double, std::milli>(took).count());
}

struct Destroy {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

void set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
  char why[300];
  if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK)
    fail(why);
}

Owned<rd_kafka_t> open_client(rd_kafka_type_t type, const Options& options, Outcome& outcome) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  if (options.brokers.empty())
    set(conf, "test.mock.num.brokers", "1");
  else
    set(conf, "bootstrap.servers", options.brokers);
  if (type == RD_KAFKA_CONSUMER) {
    set(conf, "group.id", "load");
    set(conf, "enable.auto.commit", "false");
  }
  for (const std::string& setting : options.settings) {
    const auto equals = setting.find('=');
    if (equals == std::string::npos) fail("--set takes KEY=VALUE");
    set(conf, setting.substr(0, equals), setting.substr(equals + 1));
  }
  rd_kafka_conf_set_opaque(conf, &outcome);
  if (type == RD_KAFKA_PRODUCER) rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
  char why[300];
  Owned<rd_kafka_t> client(rd_kafka_new(type, conf, why, sizeof why));
  if (!client) fail(why);
  return client;
}

/// Texts of a log, so that what compresses them has something to do.
std::vector<char> payload(std::size_t bytes) {
  std::vector<char> text;
  for (int line = 0; text.size() < bytes; ++line) {
    const std::string words = "line " + std::to_string(line * 7919) + " of something logged; ";
    text.insert(text.end(), words.begin(), words.end());
  }
  text.resize(bytes);
  return text;
}

void produce_one(rd_kafka_t* client, rd_kafka_topic_t* topic, const Options& options,
                 std::vector<char>& text, std::int64_t number) {
  const auto partition = static_cast<std::int32_t>(number % options.partitions);
  const auto now = std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
  void* const sent =
      reinterpret_cast<void*>(options.rate > 0 ? static_cast<std::intptr_t>(now) : 0);
  while (rd_kafka_produce(topic, partition, 0, text.data(), text.size(), nullptr, 0, sent) != 0) {
    if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
      fail(rd_kafka_err2str(rd_kafka_last_error()));
    rd_kafka_poll(client, 10);
  }
}

/// Until the moment comes, records that were delivered are counted.
void wait_until(rd_kafka_t* client, Clock::time_point due) {
  for (auto left = due - Clock::now(); left > Clock::duration::zero(); left = due - Clock::now()) {
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    rd_kafka_poll(client, static_cast<int>(ms));
  }
}

void produce(const Options& options, Outcome& outcome, rd_kafka_t* client) {
  const Owned<rd_kafka_topic_t> topic(rd_kafka_topic_new(client, options.topic.c_str(), nullptr));
  std::vector<char> text = payload(options.bytes);
  const auto start = Clock::now();
  for (std::int64_t i = 0; i < options.records; ++i) {
    if (options.rate > 0)
      wait_until(client, start + std::chrono::nanoseconds(i * 1'000'000'000 / options.rate));
    else if (i % 1000 == 0)
      rd_kafka_poll(client, 0);
    produce_one(client, topic.get(), options, text, i);
  }
  while (outcome.delivered + outcome.failed < options.records) rd_kafka_poll(client, 100);
}

void assign_from_the_beginning(const Options& options, rd_kafka_t* client) {
  rd_kafka_topic_partition_list_t* const all = rd_kafka_topic_partition_list_new(1);
  for (std::int32_t i = 0; i < options.partitions; ++i)
    rd_kafka_topic_partition_list_add(all, options.topic.c_str(), i)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  rd_kafka_assign(client, all);
  rd_kafka_topic_partition_list_destroy(all);
}

void consume(const Options& options, Outcome& outcome, rd_kafka_t* client) {
  rd_kafka_poll_set_consumer(client);
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_get_consumer(client));
  std::vector<rd_kafka_message_t*> messages(10'000);
  std::int64_t round = 0;
  while (outcome.delivered < options.records * options.rounds && outcome.failed == 0) {
    if (outcome.delivered >= options.records * round) {
      assign_from_the_beginning(options, client);
      ++round;
    }
    const auto count =
        rd_kafka_consume_batch_queue(queue.get(), kWaitMs, messages.data(), messages.size());
    for (ssize_t i = 0; i < count; ++i) {
      rd_kafka_message_t* const message = messages[static_cast<std::size_t>(i)];
      const bool good = message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
      ++(good ? outcome.delivered : outcome.failed);
      if (!good) outcome.why = rd_kafka_message_errstr(message);
      rd_kafka_message_destroy(message);
    }
  }
}

double percentile(std::vector<double>& times, double part) {
  if (times.empty()) return 0;
  const auto at = static_cast<std::size_t>(part * static_cast<double>(times.size() - 1));
  std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(at));
  return times[at];
}

}  // namespace

int run_load(const Options& options) {
  Outcome outcome;
  const bool produces = options.mode == "produce";
  const auto client =
      open_client(produces ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, options, outcome);
  const auto start = Clock::now();
  const double used = processor_seconds();
  (produces ? produce : consume)(options, outcome, client.get());
  const double seconds = seconds_since(start);
  std::printf(
      "{\"records\": %lld, \"failed\": %lld, \"error\": \"%s\", \"seconds\": %.6f, "
      "\"processor_seconds\": %.6f, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
      static_cast<long long>(outcome.delivered), static_cast<long long>(outcome.failed),
      outcome.why.c_str(), seconds, processor_seconds() - used, percentile(outcome.times_ms, 0.5),
      percentile(outcome.times_ms, 0.99));
  return outcome.failed == 0 ? 0 : 1;
}

}  // namespace streamhouse::bench

int main(int argc, char** argv) {
  streamhouse::bench::Options options;
  CLI::App app("Load by librdkafka");
  app.add_option("mode", options.mode)->required()->check(CLI::IsMember({"produce", "consume"}));
  app.add_option("--brokers", options.brokers);
  app.add_option("--topic", options.topic);
  app.add_option("--records", options.records)->required();
  app.add_option("--bytes", options.bytes);
  app.add_option("--partitions", options.partitions);
  app.add_option("--rate", options.rate);
  app.add_option("--rounds", options.rounds);
  app.add_option("--set", options.settings);
  CLI11_PARSE(app, argc, argv);
  return streamhouse::bench::run_load(options);
}
