/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * boot.c for C++17: what the library hands out is freed by destructors, and a status that is not PVHLOAD_OK becomes
 * an exception.  No exception may leave a callback of the library's; this program has none.
 *
 *     boot_raii KERNEL
 */
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <pvhload/pvhload.h>

namespace
{

template <auto function> struct Free {
	template <typename T> void operator()(T *object) const
	{
		function(object);
	}
};

using Image = std::unique_ptr<pvhload_image, Free<pvhload_image_close>>;
using Plan = std::unique_ptr<pvhload_plan, Free<pvhload_plan_free>>;
using Ram = std::unique_ptr<void, Free<std::free>>;

struct Error : std::runtime_error {
	explicit Error(const pvhload_error &err)
	    : std::runtime_error(std::string(pvhload_status_name(err.status)) + ": " + err.message)
	{
	}
};

/* Call @function with @args and a place for its error; without success, throw that. */
template <typename Function, typename... Args> void check(Function function, Args... args)
{
	pvhload_error err = PVHLOAD_ERROR_INIT;

	if (function(args..., &err) != PVHLOAD_OK)
		throw Error(err);
}

class File
{
      public:
	explicit File(const char *path) : fd_(open(path, O_RDONLY))
	{
		if (fd_ < 0)
			throw std::runtime_error(std::string("cannot open ") + path);
	}
	File(const File &) = delete;
	File &operator=(const File &) = delete;
	~File()
	{
		close(fd_);
	}
	pvhload_source source() const
	{
		return pvhload_source_fd(fd_);
	}

      private:
	int fd_;
};

Image open_image(const File &file)
{
	const pvhload_source source = file.source();
	pvhload_image *image = nullptr;

	check(pvhload_image_open, &source, nullptr, &image);
	return Image(image);
}

Plan make_plan(const Image &image, const pvhload_memmap &map, const std::string &cmdline)
{
	pvhload_boot_config config = PVHLOAD_BOOT_CONFIG_INIT;
	pvhload_plan *plan = nullptr;

	config.image = image.get();
	config.memmap = &map;
	config.cmdline = cmdline.c_str();
	check(pvhload_boot_plan, &config, &plan);
	return Plan(plan);
}

void boot(const char *path)
{
	constexpr std::size_t ram_size = 512u << 20;
	pvhload_memmap_x86 x86 = PVHLOAD_MEMMAP_X86_INIT;
	std::array<pvhload_memmap_entry, 8> entries{};
	pvhload_memmap map = PVHLOAD_MEMMAP_INIT;
	pvhload_memory mem = PVHLOAD_MEMORY_INIT;
	pvhload_ram_slot slot{};

	x86.ram_size = ram_size;
	map.entries = entries.data();
	map.capacity = entries.size();
	check(pvhload_memmap_init_x86, &x86, &map);

	/* The plan keeps what it needs of image and file. */
	const Plan plan = make_plan(open_image(File(path)), map, "console=ttyS0");
	const Ram ram(std::calloc(1, ram_size));
	if (!ram)
		throw std::bad_alloc();
	slot.size = ram_size;
	slot.host = ram.get();
	slot.flags = PVHLOAD_RAM_SLOT_ZEROED;
	mem.ops = pvhload_ram_flat_ops();
	mem.user = &slot;
	check(pvhload_plan_commit, plan.get(), &mem);

	const pvhload_x86_cpu *cpu = pvhload_plan_get_info(plan.get())->x86_cpu;
	std::cout << std::hex << "start at 0x" << cpu->rip << " with ebx 0x" << cpu->rbx << '\n';
}

} // namespace

int main(int argc, char **argv)
{
	if (argc != 2) {
		std::cerr << "usage: boot_raii KERNEL\n";
		return EXIT_FAILURE;
	}
	try {
		boot(argv[1]);
	} catch (const std::exception &e) {
		std::cerr << "boot_raii: " << e.what() << '\n';
		return EXIT_FAILURE;
	}
	return std::cout.flush() ? EXIT_SUCCESS : EXIT_FAILURE;
}
