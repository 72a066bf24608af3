#include "metadata/archive/move.h"

namespace streamhouse::metadata {

using base::Errc;
using base::make_error;

namespace {

/// Of one transaction of an import.
constexpr std::size_t kRowsPerBatch = 1'000;
constexpr std::uint64_t kBytesPerBatch = std::uint64_t{1} << 20;

Task<Status> check_nobody_leads(MetadataStore& store, SourceUse use) {
  if (use == SourceUse::kExclusive) co_return Status{};
  SH_CO_TRY(const auto alive, co_await store.list_agents(Liveness::kAlive));
  if (alive.empty()) co_return Status{};
  const AgentInfo& agent = alive.front().info;
  co_return make_error(Errc::kConflict, "agent '" + agent.agent_id + "' at " + agent.address +
                                            " is alive: stop all agents first (one that has ended"
                                            " counts as alive until its session times out)");
}

Task<Status> check_complete(MetadataStore& store) {
  const auto mark = co_await store.get_setting(kImportMark);
  if (!mark && mark.error().code == Errc::kNotFound) co_return Status{};
  if (!mark) co_return mark.error();
  co_return make_error(Errc::kConflict,
                       "the database holds a part of an import that is not complete");
}

/// What an archive is: its first row, and what it says at its end.
struct Checked {
  ClusterRow cluster;
  ArchiveSummary summary;
};

Result<Checked> check_archive(ArchiveReader& reader) {
  SH_TRY_OK(reader.begin());
  std::optional<ClusterRow> cluster;
  while (true) {
    SH_TRY(const auto row, reader.next());
    if (!row) break;
    if (!cluster) cluster = std::get<ClusterRow>(*row);
  }
  return Checked{*cluster, reader.summary()};
}

/// The next rows that go into one transaction; none at the end.
Result<std::vector<ArchiveRow>> read_batch(ArchiveReader& reader) {
  std::vector<ArchiveRow> rows;
  const std::uint64_t end = reader.position() + kBytesPerBatch;
  while (rows.size() < kRowsPerBatch && reader.position() < end) {
    SH_TRY(auto row, reader.next());
    if (!row) break;
    if (!std::holds_alternative<ClusterRow>(*row)) rows.push_back(*std::move(row));
  }
  return rows;
}

Task<Status> insert_all(MetadataStore& target, ArchiveReader& reader) {
  SH_CO_TRY_OK(reader.begin());
  while (true) {
    SH_CO_TRY(auto rows, read_batch(reader));
    if (rows.empty()) co_return Status{};
    SH_CO_TRY_OK(co_await target.insert_rows(std::move(rows)));
  }
}

Task<Status> compare(MetadataStore& target, ArchiveSummary wanted) {
  const auto sum = std::make_shared<ArchiveWriter>(nullptr);
  SH_CO_TRY_OK(co_await target.read_rows(sum));
  SH_CO_TRY(const ArchiveSummary found, sum->finish());
  if (found == wanted) co_return Status{};
  co_return make_error(Errc::kCorrupt,
                       "what was read back from the database is not what the archive holds");
}

}  // namespace

Task<Result<ArchiveSummary>> export_metadata(MetadataStore& source, SourceUse use,
                                             std::shared_ptr<ArchiveOutput> output) {
  SH_CO_TRY_OK(co_await check_complete(source));
  SH_CO_TRY_OK(co_await check_nobody_leads(source, use));
  const auto writer = std::make_shared<ArchiveWriter>(std::move(output));
  SH_CO_TRY_OK(co_await source.read_rows(writer));
  SH_CO_TRY_OK(co_await check_nobody_leads(source, use));
  co_return writer->finish();
}

Task<Result<ArchiveSummary>> import_metadata(MetadataStore& target, ArchiveInput& archive) {
  ArchiveReader reader(archive);
  SH_CO_TRY(const Checked checked, check_archive(reader));
  const std::string name =
      to_string(checked.cluster.cluster.cluster_id) + "/" + std::to_string(checked.summary.crc);
  SH_CO_TRY_OK(co_await target.begin_import(checked.cluster, name));
  SH_CO_TRY_OK(co_await insert_all(target, reader));
  SH_CO_TRY_OK(co_await compare(target, checked.summary));
  SH_CO_TRY_OK(co_await target.delete_setting(kImportMark, 1));
  co_return checked.summary;
}

}  // namespace streamhouse::metadata
