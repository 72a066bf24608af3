// Captures record batches as the Java client writes them (with the class that its producer fills),
// for every codec that it compresses with, into record_batch_java_<codec>.bin; and one large enough
// for several chunks of its snappy framing, record_batch_java_snappy_chunks.bin.
//
// A development tool, not part of the build: run it again only to add a case, and check the change
// of the expected records in src/model/golden_test.cc. With the jars of Maven's
// org.apache.kafka:kafka-clients:4.1.1 and its dependencies in one folder, and a JDK 17:
//
//   java -cp 'JARS/*' tests/golden/CaptureJavaClient.java tests/golden
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;

public class CaptureJavaClient {
  record Case(long timestamp, byte[] key, byte[] value, Header... headers) {}

  static byte[] text(String text) {
    return text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
  }

  static Header header(String key, String value) {
    return new RecordHeader(key, value == null ? null : text(value));
  }

  /** The same as in src/model/golden_test.cc. */
  static final List<Case> RECORDS =
      List.of(
          new Case(1700000000000L, text("user-1"), text("a".repeat(300) + "end"),
              header("trace", "abc"), header("empty", "")),
          new Case(1700000000001L, null, text("a value without a key")),
          new Case(1700000000005L, text("tombstone"), null, header("null", null)),
          new Case(1700000000003L, text(""), text(""), header("twice", "1"), header("twice", "2")),
          new Case(1700000000500L, text("binary"), new byte[] {0, 1, (byte) 0xfe, (byte) 0xff}));

  static ByteBuffer wrap(byte[] bytes) {
    return bytes == null ? null : ByteBuffer.wrap(bytes);
  }

  static void capture(Path file, CompressionType codec, List<Case> records) throws Exception {
    MemoryRecordsBuilder builder =
        MemoryRecords.builder(ByteBuffer.allocate(1 << 20), RecordBatch.MAGIC_VALUE_V2,
            Compression.of(codec).build(), TimestampType.CREATE_TIME, 0L);
    for (Case record : records)
      builder.append(record.timestamp, wrap(record.key), wrap(record.value), record.headers);
    ByteBuffer buffer = builder.build().buffer();
    byte[] batch = new byte[buffer.remaining()];
    buffer.get(batch);
    Files.write(file, batch);
    System.out.println(file + ": " + batch.length + " bytes");
  }

  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[0]);
    for (CompressionType codec : CompressionType.values())
      if (codec != CompressionType.NONE)
        capture(folder.resolve("record_batch_java_" + codec.name + ".bin"), codec, RECORDS);
    capture(folder.resolve("record_batch_java_snappy_chunks.bin"), CompressionType.SNAPPY,
        List.of(new Case(1700000000000L, null, text("a".repeat(80000)))));
  }
}
