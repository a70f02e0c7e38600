#pragma once
// The words of the text IR.

#include <string>
#include <string_view>

namespace heddle::Internal {

struct Token {
    enum Kind { End, Name, QuotedName, Number, String, Punctuation };
    Kind kind = End;
    std::string text;  ///< of a Name, a QuotedName and a String without quotes and escapes
    int line = 1, column = 1;
};

class Lexer {
public:
    explicit Lexer(std::string_view text)
        : text_(text) {
    }
    /** The next token; End at the end. */
    Token next();

private:
    char peek(size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    char take();
    void skip_space();
    std::string take_quoted(char quote, const Token &where);
    std::string take_number();

    std::string_view text_;
    size_t at_ = 0;
    int line_ = 1, column_ = 1;
};

/** Throws a CompileError at the token. */
[[noreturn]] void syntax_error(const Token &where, const std::string &message);

}  // namespace heddle::Internal
