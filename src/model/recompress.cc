#include "model/recompress.h"

#include "base/crc32c.h"

namespace streamhouse::model {

namespace layout = batch_layout;

base::Result<base::ByteVector> recompress(const RecordBatchView& batch, Codec codec,
                                          std::size_t size_max) {
  base::Bytes decompressed;
  base::BytesView records = batch.records();
  if (batch.codec() != Codec::kNone) {
    SH_TRY(decompressed, decompress(batch.codec(), records, size_max));
    records = decompressed.view();
  }
  const base::BytesView header = batch.bytes().first(layout::kRecords);
  base::ByteVector changed(header.begin(), header.end());
  SH_TRY_OK(compress(codec, records, changed));
  std::uint8_t* const data = changed.data();
  base::store_big(data + layout::kBatchLength,
                  static_cast<std::int32_t>(changed.size() - layout::kLengthExcludes));
  const int others = batch.attributes() & ~layout::kCodecMask;
  base::store_big(data + layout::kAttributes,
                  static_cast<std::int16_t>(others | static_cast<int>(codec)));
  base::store_big(data + layout::kCrc,
                  base::crc32c(base::BytesView(changed).subspan(layout::kAttributes)));
  return changed;
}

}  // namespace streamhouse::model
