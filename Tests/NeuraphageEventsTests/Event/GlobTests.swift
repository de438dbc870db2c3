import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A glob", .apart)
struct GlobTests {
    @Test(
        "matches a whole name, * standing for any text and ? for one character",
        arguments: [
            ("", ""), ("*", ""), ("*", "abc"), ("a*", "a"), ("a*c", "abbbc"), ("a*c", "acbc"), ("*b*", "abc"),
            ("a?c", "abc"), ("?", "é"), ("??", "ab"), ("ABC", "abc"), ("abc", "ABC"), ("a**c", "abc"), ("*?", "x"),
            ("*ab", "aab"), ("a*b*c", "a1b2b3c"), ("ä*", "Äpfel"),
        ]
    )
    func matches(pattern: String, name: String) {
        #expect(Glob(pattern).matches(name))
    }

    @Test(
        "doesn't match a part of a name, or another one",
        arguments: [
            ("", "a"), ("a", ""), ("a", "ab"), ("b", "ab"), ("a*", "ba"), ("*a", "ab"), ("?", ""), ("?", "ab"),
            ("a?c", "ac"), ("*?", ""), ("a*b", "acbc"), ("a.c", "abc"), ("[ab]", "a"), ("a*b*c", "acb"),
        ]
    )
    func doesNotMatch(pattern: String, name: String) {
        #expect(!Glob(pattern).matches(name))
    }

    @Test("with many stars is answered at once also when it doesn't match")
    func manyStars() {
        #expect(!Glob(String(repeating: "a*", count: 30) + "b").matches(String(repeating: "a", count: 2_000)))
    }
}
