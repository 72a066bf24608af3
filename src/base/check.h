#pragma once
/// \file  SH_CHECK: an invariant of the program itself. It stays on in every build; its failure
/// aborts, which the protocol treats as any other crash.

namespace streamhouse::base {
[[noreturn]] void check_failed(const char* expression, const char* message, const char* file,
                               int line);
}

#define SH_CHECK(condition, message) \
  (static_cast<bool>(condition)      \
       ? static_cast<void>(0)        \
       : ::streamhouse::base::check_failed(#condition, message, __FILE__, __LINE__))
