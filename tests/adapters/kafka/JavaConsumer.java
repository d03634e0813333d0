import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.StringDeserializer;

/** What the console consumer is: reads a topic in a group, and commits by itself. */
public class JavaConsumer {
  public static void main(String[] arguments) {
    Map<String, Object> settings = new HashMap<>(Map.of(
        "bootstrap.servers", arguments[0],
        "group.id", arguments[1],
        "group.protocol", arguments[3],
        "client.id", "console-consumer",
        "auto.offset.reset", "earliest",
        "auto.commit.interval.ms", 500));
    var text = new StringDeserializer();
    try (var consumer = new KafkaConsumer<String, String>(settings, text, text)) {
      var main = Thread.currentThread();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> {
        consumer.wakeup();
        try {
          main.join();
        } catch (InterruptedException interrupted) {
          // Then the broker notices by itself that this member is gone.
        }
      }));
      consumer.subscribe(List.of(arguments[2]));
      while (true) consumer.poll(Duration.ofMillis(200));
    } catch (WakeupException asked) {
      // It leaves its group by closing.
    }
  }
}
