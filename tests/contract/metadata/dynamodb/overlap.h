#pragma once
/// \file  Two operations that overlap, on the model one after the other and on the real server at
/// once: their answers, and what they leave, must be those of one order or of the other. And one
/// that is cut off and repeated: what it leaves must be what the model has after it.

#include <gmock/gmock.h>

#include "metadata/memory/memory_metadata_store.h"
#include "tests/contract/metadata/dynamodb/some_requests.h"
#include "tests/contract/metadata/show.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/metadata/dynamodb_process.h"
#include "tests/net/cutting_proxy.h"

namespace streamhouse::metadata::contract {

inline constexpr DatabaseMs kNow = 1'700'000'000'000;

/// A store and the runtime that its calls run on.
struct Caller {
  runtime::AsioRuntime& runtime;
  MetadataStore& store;

  template <class T>
  Result<T> run(Task<Result<T>> task) {
    return runtime::run_task(runtime, std::move(task));
  }
  template <class T>
  void must(Task<Result<T>> task) {
    const Result<T> result = run(std::move(task));
    if (!result) throw std::runtime_error(to_string(result.error()));
  }
};

using Prepare = std::function<void(Caller)>;
/// Makes a call and answers what came of it, as text.
using Call = std::function<std::string(Caller)>;

/// Of `make(store)`, which begins an operation.
template <class Make>
Call call(Make make) {
  return [make](Caller caller) { return show(caller.run(make(caller.store))); };
}
/// Several calls, one after the other.
inline Call all_of(std::vector<Call> calls) {
  return [calls](Caller caller) {
    std::string text;
    for (const Call& one : calls) text += one(caller) + "\n";
    return text;
  };
}

class DynamodbOverlapTest : public ::testing::Test {
 protected:
  /// What stands before the two calls, and how to look at what they leave.
  Prepare prepare_ = [](Caller) {};
  Call look_ = [](Caller) { return std::string(); };

  /// `first` is interrupted by `second` before some of its requests; before the first of all it
  /// would not have begun.
  void expect_serial(const std::string& name, const Call& first, const Call& second) {
    SCOPED_TRACE(name);
    const std::string one_way = in_order(first, second, Order::kFirstComesFirst);
    const std::string other_way = in_order(first, second, Order::kSecondComesFirst);
    at_some_requests(1, [&](int requests) {
      SCOPED_TRACE("interrupted before request " + std::to_string(requests));
      int count = 0;
      const auto text = at_once(first, second, requests, count);
      if (text) EXPECT_THAT(*text, testing::AnyOf(one_way, other_way));
      return count;
    });
  }
  /// The agent that makes the call dies behind some of its requests, and another repeats it.
  void expect_repeatable(const std::string& name, const Call& call) {
    SCOPED_TRACE(name);
    runtime::AsioRuntime runtime;
    MemoryMetadata model([] { return kNow; }, topic_id(99));
    MemoryMetadataStore store(model);
    prepare_({runtime, store});
    call({runtime, store});
    const std::string expected = look_({runtime, store});
    at_some_requests(0, [&](int requests) {
      SCOPED_TRACE("cut off at request " + std::to_string(requests));
      bool was_cut = false;
      EXPECT_EQ(repeated(call, requests, was_cut), expected);
      return was_cut ? kNotOver : requests;
    });
  }

 private:
  enum class Order : std::uint8_t { kFirstComesFirst, kSecondComesFirst };

  /// A way into a table with a runtime of its own, since calls interrupt each other.
  struct Agent {
    Agent(const std::string& name, const std::string& endpoint,
          dynamodb::RetryPolicy::Options retries = {})
        : process(runtime, endpoint, retries),
          table(process.client, name, dynamodb::Access::kReadWrite, [] { return kNow; }) {}
    Caller caller() { return {runtime, store}; }
    runtime::AsioRuntime runtime;
    tests::DynamodbProcess process;
    dynamodb::Table table;
    DynamodbMetadataStore store{table};
  };

  static std::string text_of(const std::string& first, const std::string& second,
                             const std::string& left) {
    return "first: " + first + "\nsecond: " + second + "\nleft: " + left;
  }

  std::string in_order(const Call& first, const Call& second, Order order) const {
    runtime::AsioRuntime runtime;
    MemoryMetadata model([] { return kNow; }, topic_id(99));
    MemoryMetadataStore store(model);
    const Caller caller{runtime, store};
    prepare_(caller);
    std::string second_text;
    if (order == Order::kSecondComesFirst) second_text = second(caller);
    const std::string first_text = first(caller);
    if (order == Order::kFirstComesFirst) second_text = second(caller);
    return text_of(first_text, second_text, look_(caller));
  }

  /// nullopt if `first` was over before the second's turn; `count` becomes its requests.
  std::optional<std::string> at_once(const Call& first, const Call& second, int requests,
                                     int& count) const {
    const std::string name = tests::new_table_name();
    Agent direct(name, tests::dynamodb_endpoint());
    tests::prepare(direct.runtime, direct.table, topic_id(99));
    prepare_(direct.caller());
    tests::CuttingProxy proxy(tests::dynamodb_endpoint());
    Agent interrupted(name, proxy.url());
    std::string second_text;
    proxy.interrupt_after(requests, [&] { second_text = second(direct.caller()); });
    const std::string first_text = first(interrupted.caller());
    count = proxy.request_count();
    if (!proxy.was_interrupted()) return std::nullopt;
    return text_of(first_text, second_text, look_(direct.caller()));
  }

  /// What is left; `was_cut` says whether the first attempt was cut off at all.
  std::string repeated(const Call& call, int requests, bool& was_cut) const {
    const std::string name = tests::new_table_name();
    Agent direct(name, tests::dynamodb_endpoint());
    tests::prepare(direct.runtime, direct.table, topic_id(99));
    prepare_(direct.caller());
    tests::CuttingProxy proxy(tests::dynamodb_endpoint());
    Agent dying(name, proxy.url(), {.time_max = runtime::Duration(0)});
    proxy.cut_after(requests);
    call(dying.caller());
    was_cut = proxy.was_cut();
    if (was_cut) call(direct.caller());
    return look_(direct.caller());
  }
};

}  // namespace streamhouse::metadata::contract
