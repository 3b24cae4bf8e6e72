import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.AnalyzerWrapper;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.core.SimpleAnalyzer;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexableField;
import org.apache.lucene.index.Term;
import org.apache.lucene.monitor.Monitor;
import org.apache.lucene.monitor.MonitorConfiguration;
import org.apache.lucene.monitor.MonitorQuery;
import org.apache.lucene.monitor.MultipassTermFilteredPresearcher;
import org.apache.lucene.monitor.Presearcher;
import org.apache.lucene.monitor.QueryMatch;
import org.apache.lucene.monitor.TermFilteredPresearcher;
import org.apache.lucene.monitor.TermWeightor;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.PhraseQuery;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.spans.SpanNearQuery;
import org.apache.lucene.search.spans.SpanQuery;
import org.apache.lucene.search.spans.SpanTermQuery;

/**
 * Times Lucene Monitor, as measured.py times others: FOLDER QUERIES PASSES WARM_UP_S ROUND_S ROUNDS.
 *
 * <p>Reads queries.jsonl, earlier.jsonl and articles.jsonl in FOLDER; writes the ids of the matching queries, a line an
 * article, to lucene.txt; prints milliseconds an article. One pass is TermFilteredPresearcher.
 *
 * <p>What was tuned, as the defaults are slower: queries are filed under the words that are rarest in the earlier
 * articles, rather than under the longest; the index of queries, in memory, is merged into one segment; nothing is
 * cached, since nothing would be found in the cache and its policy counts every use of every query; the first letters
 * of words are words of a field of their own, as the presearchers would try prefix queries on every article.
 */
public final class LuceneMonitor {
    private static final int SHORTEST_PREFIX = 4;
    private static final int LONGEST_PREFIX = 6;
    private static final int GAP = 1000; // positions: no phrase and no near words span two parts of an article
    private static final Pattern PAIR =
        Pattern.compile("\"(\\w+)\": (?:(\\d+)|\"((?:[^\"\\\\]++|\\\\.)*+)\")");

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        int queries = Integer.parseInt(arguments[1]);
        double warmUp = Double.parseDouble(arguments[3]);
        double seconds = Double.parseDouble(arguments[4]);
        IndexSearcher.setDefaultQueryCache(null);
        List<Document> earlier = documents(folder.resolve("earlier.jsonl"));
        List<Document> articles = documents(folder.resolve("articles.jsonl"));
        Presearcher presearcher = presearcher(Integer.parseInt(arguments[2]), rarity(earlier));
        try (Monitor monitor = monitor(presearcher, folder.resolve("queries.jsonl"), queries)) {
            long until = System.nanoTime() + (long) (warmUp * 1e9);
            while (System.nanoTime() < until) {
                round(monitor, earlier, warmUp, new ArrayList<>());
            }
            List<String> found = new ArrayList<>();
            double best = round(monitor, articles, seconds, found);
            for (int again = Integer.parseInt(arguments[5]); again > 1; again--) {
                best = Math.min(
                    best, round(monitor, articles.subList(0, found.size()), 2 * seconds, new ArrayList<>()));
            }
            Files.write(folder.resolve("lucene.txt"), found);
            System.out.println(best);
        }
    }

    /** Returns milliseconds an article; adds to FOUND what each matched. */
    private static double round(Monitor monitor, List<Document> articles, double seconds, List<String> found)
        throws IOException {
        long spent = 0;
        for (Document article : articles) {
            long began = System.nanoTime();
            Iterable<QueryMatch> matches = monitor.match(article, QueryMatch.SIMPLE_MATCHER).getMatches();
            spent += System.nanoTime() - began;
            List<String> ids = new ArrayList<>();
            matches.forEach(match -> ids.add(match.getQueryId()));
            found.add(String.join(" ", ids));
            if (spent > seconds * 1e9) {
                break;
            }
        }
        return spent / 1e6 / found.size();
    }

    private static Presearcher presearcher(int passes, TermWeightor weights) {
        return passes == 1
            ? new TermFilteredPresearcher(weights, List.of(), Set.of())
            : new MultipassTermFilteredPresearcher(passes, 0, weights, List.of(), Set.of());
    }

    private static Monitor monitor(Presearcher presearcher, Path file, int count) throws Exception {
        IndexWriter[] writer = new IndexWriter[1];
        MonitorConfiguration configuration = new MonitorConfiguration() {
            @Override
            public IndexWriter buildIndexWriter() throws IOException {
                writer[0] = super.buildIndexWriter();
                return writer[0];
            }
        };
        configuration.setPurgeFrequency(1, TimeUnit.DAYS).setQueryUpdateBufferSize(50_000);
        Monitor monitor = new Monitor(new Plain(), presearcher, configuration);
        Topics topics = new Topics();
        List<MonitorQuery> queries = new ArrayList<>();
        for (Map<String, String> row : rows(file, count)) {
            queries.add(new MonitorQuery(row.get("id"), topics.parse(row.get("topic"))));
        }
        monitor.register(queries);
        writer[0].forceMerge(1);
        monitor.deleteById("none"); // has the merged index looked at
        return monitor;
    }

    /** Weighs a word the less, the more articles have it. */
    private static TermWeightor rarity(List<Document> articles) throws IOException {
        Map<Term, Integer> counts = new HashMap<>();
        Analyzer analyzer = new Plain();
        for (Document article : articles) {
            Set<Term> words = new HashSet<>();
            for (IndexableField field : article) {
                words.addAll(words(field, analyzer));
            }
            words.forEach(word -> counts.merge(word, 1, Integer::sum));
        }
        return word -> 1.0 / (1 + counts.getOrDefault(word, 0));
    }

    private static Set<Term> words(IndexableField field, Analyzer analyzer) throws IOException {
        Set<Term> words = new HashSet<>();
        try (TokenStream tokens = field.tokenStream(analyzer, null)) {
            CharTermAttribute word = tokens.addAttribute(CharTermAttribute.class);
            tokens.reset();
            while (tokens.incrementToken()) {
                words.add(new Term(field.name(), word.toString()));
            }
            tokens.end();
        }
        return words;
    }

    private static List<Document> documents(Path file) throws IOException {
        List<Document> found = new ArrayList<>();
        for (Map<String, String> row : rows(file, Integer.MAX_VALUE)) {
            Document article = new Document();
            article.add(new TextField("title", row.get("title"), Field.Store.NO));
            for (String part : List.of("title", "summary", "body")) {
                article.add(new TextField("text", row.get(part), Field.Store.NO));
                article.add(new TextField("begin", row.get(part), Field.Store.NO));
            }
            found.add(article);
        }
        return found;
    }

    private static List<Map<String, String>> rows(Path file, int count) throws IOException {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            return lines.lines().limit(count).map(LuceneMonitor::row).collect(Collectors.toList());
        }
    }

    private static Map<String, String> row(String line) {
        Map<String, String> values = new HashMap<>();
        for (Matcher pair = PAIR.matcher(line); pair.find(); ) {
            String text = pair.group(2) != null ? pair.group(2) : pair.group(3);
            values.put(pair.group(1), text.replace("\\\"", "\""));
        }
        return values;
    }

    /** Splits at what is no letter and makes letters small; the field "begin" holds the beginnings of words. */
    private static final class Plain extends AnalyzerWrapper {
        private final Analyzer simple = new SimpleAnalyzer();

        Plain() {
            super(PER_FIELD_REUSE_STRATEGY);
        }

        @Override
        protected Analyzer getWrappedAnalyzer(String field) {
            return simple;
        }

        @Override
        public int getPositionIncrementGap(String field) {
            return GAP;
        }

        @Override
        protected TokenStreamComponents wrapComponents(String field, TokenStreamComponents components) {
            if (!field.equals("begin")) {
                return components;
            }
            TokenStream words = components.getTokenStream();
            TokenStream beginnings = new EdgeNGramTokenFilter(words, SHORTEST_PREFIX, LONGEST_PREFIX, false);
            return new TokenStreamComponents(components.getSource(), beginnings);
        }
    }

    /** Reads topics: words side by side must all be there, near words stand in any order. */
    private static final class Topics extends QueryParser {
        Topics() {
            super("text", new SimpleAnalyzer());
            setDefaultOperator(Operator.AND);
        }

        @Override
        protected Query getFieldQuery(String field, String text, int distance) throws ParseException {
            Query phrase = super.getFieldQuery(field, text, 0);
            if (distance == 0) {
                return phrase;
            }
            List<SpanQuery> words = new ArrayList<>();
            for (Term word : ((PhraseQuery) phrase).getTerms()) {
                words.add(new SpanTermQuery(word));
            }
            return new SpanNearQuery(words.toArray(new SpanQuery[0]), distance, false);
        }

        @Override
        protected Query getPrefixQuery(String field, String beginning) {
            return new TermQuery(new Term("begin", beginning));
        }
    }
}
