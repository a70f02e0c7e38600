#include "ir/lexer.h"

#include <array>
#include <cctype>

#include "heddle/error.h"
#include "ir/text.h"

namespace heddle::Internal {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

int hex_digit(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

}  // namespace

void syntax_error(const Token &where, const std::string &message) {
    throw CompileError(std::to_string(where.line) + ":" + std::to_string(where.column) + ": " + message);
}

char Lexer::take() {
    const char c = text_[at_++];
    column_++;
    if (c == '\n') {
        line_++;
        column_ = 1;
    }
    return c;
}

void Lexer::skip_space() {
    while (at_ < text_.size()) {
        if (std::isspace(static_cast<unsigned char>(peek())) || peek() == ';') {
            take();
        } else if (peek() == '/' && peek(1) == '/') {
            while (at_ < text_.size() && peek() != '\n') take();
        } else {
            return;
        }
    }
}

std::string Lexer::take_quoted(char quote, const Token &where) {
    std::string value;
    take();
    while (peek() != quote) {
        if (at_ >= text_.size() || peek() == '\n') syntax_error(where, "no closing quote on this line");
        char c = take();
        if (c == '\\' && at_ < text_.size()) {
            c = take();
            if (c == 'n') {
                c = '\n';
            } else if (c == 't') {
                c = '\t';
            } else if (c == 'x') {
                const int high = hex_digit(peek()), low = hex_digit(peek(1));
                if (high < 0 || low < 0) syntax_error(where, "\\x needs two hexadecimal digits");
                take();
                take();
                c = static_cast<char>(high * 16 + low);
            }
        }
        value += c;
    }
    take();
    return value;
}

// Digits, fraction, exponent, and the suffix that gives the type.
std::string Lexer::take_number() {
    std::string value;
    const auto digits = [&] {
        while (is_digit(peek())) value += take();
    };
    digits();
    if (peek() == '.' && is_digit(peek(1))) {
        value += take();
        digits();
    }
    if (peek() == 'e' && (is_digit(peek(1)) || ((peek(1) == '+' || peek(1) == '-') && is_digit(peek(2))))) {
        value += take();
        value += take();
        digits();
    }
    while (std::isalnum(static_cast<unsigned char>(peek()))) value += take();
    return value;
}

Token Lexer::next() {
    skip_space();
    Token token;
    token.line = line_;
    token.column = column_;
    if (at_ >= text_.size()) return token;
    if (is_name_start(peek())) {
        token.kind = Token::Name;
        while (at_ < text_.size() && is_name_character(peek())) token.text += take();
    } else if (is_digit(peek())) {
        token.kind = Token::Number;
        token.text = take_number();
    } else if (peek() == '"') {
        token.kind = Token::String;
        token.text = take_quoted('"', token);
    } else if (peek() == '`') {
        token.kind = Token::QuotedName;
        token.text = take_quoted('`', token);
    } else {
        token.kind = Token::Punctuation;
        static constexpr std::array<std::string_view, 6> pairs = {"==", "!=", "<=", ">=", "&&", "||"};
        const char first = take();
        token.text = first;
        for (std::string_view pair : pairs) {
            if (pair[0] == first && pair[1] == peek()) {
                token.text += take();
                break;
            }
        }
    }
    return token;
}

}  // namespace heddle::Internal
