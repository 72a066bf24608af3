#include "segment/packed/object_inputs.h"

#include "base/check.h"
#include "base/varint.h"
#include "segment/packed/packed_reader.h"

namespace streamhouse::segment {
namespace {

ObjectInputs read_inputs(PackedReader& reader) {
  ObjectInputs inputs;
  inputs.first.level = static_cast<ObjectLevel>(
      reader.varint("input level", static_cast<std::uint64_t>(ObjectLevel::kCompacted)));
  inputs.first.session = model::SessionId(reader.varint("input session"));
  inputs.first.seq = model::Seq(reader.unsigned_as<std::int64_t>("input seq"));
  const auto room = std::numeric_limits<std::int64_t>::max() - inputs.first.seq.value();
  inputs.count =
      static_cast<std::int64_t>(reader.varint("input count", static_cast<std::uint64_t>(room)));
  if (inputs.count == 0) reader.fail("input count", "is zero");
  return inputs;
}

}  // namespace

base::ByteVector encode_inputs(const std::vector<ObjectInputs>& inputs) {
  if (inputs.empty()) return {};
  base::ByteVector out(kPackedChecksumSize);
  base::append_varint(out, inputs.size());
  for (const ObjectInputs& run : inputs) {
    SH_CHECK(run.count > 0 && run.first.seq.value() >= 0, "inputs are objects");
    base::append_varint(out, static_cast<std::uint64_t>(run.first.level));
    base::append_varint(out, run.first.session.value());
    base::append_varint(out, static_cast<std::uint64_t>(run.first.seq.value()));
    base::append_varint(out, static_cast<std::uint64_t>(run.count));
  }
  seal_packed(out);
  return out;
}

base::Result<std::vector<ObjectInputs>> decode_inputs(base::BytesView bytes) {
  std::vector<ObjectInputs> inputs;
  if (bytes.empty()) return inputs;
  PackedReader reader("object inputs", bytes);
  for (std::uint64_t count = reader.varint("input count"); count > 0 && reader.ok(); --count)
    inputs.push_back(read_inputs(reader));
  reader.expect_end();
  if (!reader.ok()) return reader.error();
  return inputs;
}

}  // namespace streamhouse::segment
