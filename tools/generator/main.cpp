// The main() of a generator program: everything it does is in the library.
#include "heddle/generator.h"

int main(int argc, char **argv) {
    return heddle::Internal::generate_filter_main(argc, argv);
}
