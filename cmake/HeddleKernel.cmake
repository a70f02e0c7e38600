# heddle_add_generator(), heddle_add_kernel().
