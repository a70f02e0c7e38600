#pragma once
// What all random pipelines share: the choices that make them, and the program text that is written down beside each
// call, so that what fails can be pasted.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/choices.h"
#include "heddle/heddle.h"

namespace heddle::testing {

class RandomProgram {
public:
    virtual ~RandomProgram() = default;

    /** The Funcs to be realized, all of the same shape. */
    virtual std::vector<Func> outputs() const = 0;
    const std::vector<int> &extents() const {
        return extents_;
    }
    const std::vector<int> &mins() const {
        return mins_;
    }
    /** The pipeline and its schedule as the body of a test. */
    std::string program() const;
    /** What was chosen to make it. */
    const Choices &choices() const {
        return choices_;
    }

protected:
    explicit RandomProgram(Choices choices)
        : choices_(std::move(choices)) {
    }

    /** An Expr and how it is written. */
    struct Term {
        Expr value;
        std::string text;
    };

    int below(int n) {
        return choices_.below(n);
    }
    bool chance(int percent) {
        return choices_.chance(percent);
    }
    /** `count` times what `make` adds: each a part of the choices, whose number is the one at `counter`. */
    template<typename Make>
    void add_parts(int count, size_t counter, const Make &make) {
        for (int i = 0; i < count; i++) {
            const Choices::Within part(choices_, choices_.new_part(counter));
            make(i);
        }
    }
    template<typename T>
    const T &pick(const std::vector<T> &list) {
        return list[static_cast<size_t>(below(static_cast<int>(list.size())))];
    }
    void say(const std::string &line) {
        lines_.push_back(line);
    }
    void say_once(const std::string &line) {
        if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) say(line);
    }
    size_t said() const {
        return lines_.size();
    }
    const std::string &last_said() const {
        return lines_.back();
    }
    /** Does and says `call`, unless it is refused. */
    template<typename Do>
    bool attempt(const std::string &text, const Do &call) {
        try {
            call();
        } catch (const CompileError &) {
            return false;
        }
        say(text + ";");
        return true;
    }
    /** What the outputs are called in the text. */
    virtual std::string outputs_text() const = 0;

    std::vector<int> extents_, mins_;
    Choices choices_;

private:
    std::vector<std::string> lines_;
};

/** "UInt(8)". */
std::string type_text(Type t);
/** "{1, 2}". */
std::string list_text(const std::vector<int> &list);

}  // namespace heddle::testing
