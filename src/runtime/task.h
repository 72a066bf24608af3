#pragma once
/// \file  Task<T>: every asynchronous call of the system. A coroutine that starts when it is
/// awaited and runs on its caller's executor.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace streamhouse::runtime {

template <class T = void>
using Task = boost::asio::awaitable<T>;

/// Where coroutines resume: an agent's core thread in production, a seeded queue in simulation.
using Executor = boost::asio::any_io_executor;

}  // namespace streamhouse::runtime
