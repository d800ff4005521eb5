import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.antlr.runtime.ANTLRStringStream;
import org.antlr.runtime.BaseRecognizer;
import org.antlr.runtime.CharStream;
import org.antlr.runtime.CommonToken;
import org.antlr.runtime.RecognitionException;
import org.antlr.runtime.Token;
import org.antlr.runtime.TokenRewriteStream;
import org.antlr.runtime.TokenStream;
import org.antlr.runtime.tree.CommonTreeAdaptor;
import org.antlr.runtime.tree.Tree;
import org.apache.hadoop.hive.ql.parse.ASTErrorNode;
import org.apache.hadoop.hive.ql.parse.ASTNode;
import org.apache.hadoop.hive.ql.parse.HiveLexer;
import org.apache.hadoop.hive.ql.parse.HiveParser;
import org.apache.hadoop.hive.ql.parse.ParseError;

/** Hive's own lexer and parser behind a line protocol: a statement in Base64 per line in, a JSON object per line out. */
public final class HiveGrammar {
    public static void main(String[] arguments) throws Exception {
        BufferedReader statements = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream verdicts = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (String line; (line = statements.readLine()) != null; ) {
            String statement = new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
            verdicts.print(verdict(statement) + "\n");
            verdicts.flush();
        }
    }

    /** Either {"tree": …} or {"line": …, "column": …, "message": …}; lines count from 1, columns from 0 as Hive does. */
    private static String verdict(String statement) throws Exception {
        Lexer lexer = new Lexer(statement);
        HiveParser parser = new HiveParser(new TokenRewriteStream(lexer));
        parser.setTreeAdaptor(new AstAdaptor());
        Tree tree = null;
        RecognitionException thrown = null;
        try {
            tree = (Tree) parser.statement().getTree();
        } catch (RecognitionException exception) {
            thrown = exception;
        }
        if (lexer.refused != null) {
            return refusal(lexer.refused, lexer);
        }
        List<?> errors = (List<?>) hidden(HiveParser.class, "errors", parser);
        if (!errors.isEmpty()) {
            return refusal((RecognitionException) hidden(ParseError.class, "re", errors.get(0)), parser);
        }
        if (thrown != null) {
            return refusal(thrown.line, thrown.charPositionInLine, thrown.toString());
        }
        StringBuilder json = new StringBuilder("{\"tree\": ");
        write(tree.getChild(0), json);  // beside it there is only the end of the text
        return json.append('}').toString();
    }

    private static Object hidden(Class<?> owner, String name, Object instance) throws ReflectiveOperationException {
        Field field = owner.getDeclaredField(name);
        field.setAccessible(true);
        return field.get(instance);
    }

    private static String refusal(RecognitionException cause, BaseRecognizer recognizer) {
        String where = "line " + cause.line + ":" + cause.charPositionInLine;
        String message = where + " " + recognizer.getErrorMessage(cause, recognizer.getTokenNames());
        return refusal(cause.line, cause.charPositionInLine, message);
    }

    private static String refusal(int line, int column, String message) {
        StringBuilder json = new StringBuilder("{\"line\": " + line + ", \"column\": " + column + ", \"message\": ");
        quote(message, json);
        return json.append('}').toString();
    }

    /** A node is [text, child, …]. */
    private static void write(Tree node, StringBuilder json) {
        json.append('[');
        quote(String.valueOf(node.getText()), json);
        for (int i = 0; i < node.getChildCount(); i++) {
            json.append(", ");
            write(node.getChild(i), json);
        }
        json.append(']');
    }

    private static void quote(String text, StringBuilder json) {
        json.append('"');
        for (char c : text.toCharArray()) {
            if (c == '"' || c == '\\' || c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }

    /** Keywords are upper case in the grammar; the text that names and literals keep stays as written. */
    private static final class UpperCased extends ANTLRStringStream {
        UpperCased(String text) {
            super(text);
        }

        @Override
        public int LA(int i) {
            int c = super.LA(i);
            return c == CharStream.EOF ? c : Character.toUpperCase(c);
        }
    }

    /** Keeps the first thing it cannot read instead of printing it. */
    private static final class Lexer extends HiveLexer {
        private RecognitionException refused;

        Lexer(String text) {
            super(new UpperCased(text));
        }

        @Override
        public void displayRecognitionError(String[] tokenNames, RecognitionException cause) {
            refused = refused == null ? cause : refused;
        }

        @Override
        public String[] getTokenNames() {
            return HiveParser.tokenNames;
        }
    }

    private static final class AstAdaptor extends CommonTreeAdaptor {
        @Override
        public Object create(Token payload) {
            return new ASTNode(payload);
        }

        @Override
        public Token createToken(int type, String text) {
            return new CommonToken(type, text);
        }

        @Override
        public Object dupNode(Object node) {
            return create(((org.antlr.runtime.tree.CommonTree) node).token);
        }

        @Override
        public Object errorNode(TokenStream input, Token start, Token stop, RecognitionException e) {
            return new ASTErrorNode(input, start, stop, e);
        }
    }
}
