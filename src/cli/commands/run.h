#pragma once
/// \file  Carrying out a command, once its words are understood.

#include "cli/client/client.h"
#include "cli/commands.h"
#include "cli/output/output.h"
#include "cli/output/table.h"

namespace streamhouse::cli {

struct Context {
  Client& client;
  Output& output;
};

/// What the command printed stands flushed in context.output. A value is kDone, or kRefused where
/// what was found is itself the bad news.
base::Result<Exit> run(const Command& command, Context& context);

base::Result<Exit> run(const TopicCreate& command, Context& context);
base::Result<Exit> run(const TopicAlter& command, Context& context);
base::Result<Exit> run(const TopicList& command, Context& context);
base::Result<Exit> run(const TopicDescribe& command, Context& context);
base::Result<Exit> run(const TopicDelete& command, Context& context);
base::Result<Exit> run(const Produce& command, Context& context);
base::Result<Exit> run(const Consume& command, Context& context);
base::Result<Exit> run(const GroupList& command, Context& context);
base::Result<Exit> run(const GroupDescribe& command, Context& context);
base::Result<Exit> run(const GroupDelete& command, Context& context);
base::Result<Exit> run(const GroupCommit& command, Context& context);
base::Result<Exit> run(const SegmentList& command, Context& context);
base::Result<Exit> run(const SegmentDump& command, Context& context);
base::Result<Exit> run(const Fsck& command, Context& context);
base::Result<Exit> run(const MetadataUnfreeze& command, Context& context);
base::Result<Exit> run(const MetadataExport& command, Context& context);
base::Result<Exit> run(const MetadataImport& command, Context& context);
base::Result<Exit> run(const MetadataRebuild& command, Context& context);
base::Result<Exit> run(const AgentList& command, Context& context);
base::Result<Exit> run(const LeaseList& command, Context& context);
base::Result<Exit> run(const ClusterDescribe& command, Context& context);
base::Result<Exit> run(const Completion& command, Context& context);
base::Result<Exit> run(const Version& command, Context& context);

/// Prints one document in the form asked for, and flushes it.
base::Result<Exit> print(Context& context, const std::string& json, const std::string& text);

}  // namespace streamhouse::cli
