import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** The Java client with its own partitioner: publishes a record a line, its key before the tabulator. */
public class JavaProducer {
  public static void main(String[] arguments) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", arguments[0]);
    var text = new StringSerializer();
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (var producer = new KafkaProducer<String, String>(settings, text, text)) {
      for (String line; (line = input.readLine()) != null;) {
        String[] parts = line.split("\t", 2);
        producer.send(new ProducerRecord<>(arguments[1], parts[0], parts[1]));
      }
    }
  }
}
