#pragma once
/// \file  `produce --input`: every line of a file or pipe becomes a record.

#include "cli/client/client.h"
#include "cli/commands.h"
#include "cli/produce/produce_summary.h"

namespace streamhouse::cli {

/// The record that `line` becomes by the command's options; `name` names the line in errors.
/// Errors: kInvalid when the key separator is missing.
base::Result<v1::Record> make_record(const Produce& command, std::string line,
                                     const std::string& name);

/// Returns when the last record is acknowledged. A pipe that falls silent is sent so far, so that
/// following a log works. Memory is bounded whatever the input's size.
/// Errors: what the agents refuse; a line that cannot be sent, once those before it are.
base::Result<ProduceSummary> produce_lines(const Produce& command, Client& client);

}  // namespace streamhouse::cli
