/* SPDX-License-Identifier: Apache-2.0 OR BSD-3-Clause */
/*
 * What a processor says of itself: what KVM can do on this host, that there is a hypervisor, and which of how many it
 * is, in one package without threads.  Leaves: Intel SDM, volume 2, CPUID; AMD APM, volume 3, appendix E; those at
 * 0x40000000 are KVM's own.
 */
#include <stdlib.h>
#include <sys/ioctl.h>

#include <linux/kvm.h>

#include "machine.h"

#define ENTRIES_MAX 256u

#define LEAF_TOPOLOGY     0xbu
#define LEAF_TOPOLOGY_2   0x1fu
#define LEAF_AMD_SIZES    0x80000008u
#define LEAF_AMD_CACHES   0x8000001du
#define LEAF_AMD_TOPOLOGY 0x8000001eu
/* The first four letters of the vendor: AuthenticAMD, HygonGenuine. */
#define VENDOR_AUTH 0x68747541u
#define VENDOR_HYGO 0x6f677948u

#define LEAF1_ECX_DEADLINE   (1u << 24) /* the local APIC's timer by the TSC */
#define LEAF1_ECX_HYPERVISOR (1u << 31)
#define LEAF1_EDX_HTT        (1u << 28) /* the number of processors counts */
#define TOPOLOGY_THREAD      1u
#define TOPOLOGY_CORE        2u

/* How many bits of an APIC's number there are for so many processors. */
static unsigned int id_bits(unsigned int cpu_count)
{
	unsigned int bits = 0;

	while (1u << bits < cpu_count)
		bits++;
	return bits;
}

static void set_leaf1(const struct machine *m, uint32_t id, struct kvm_cpuid_entry2 *e)
{
	const uint32_t count = m->guest->cpu_count;

	e->ebx = (e->ebx & 0xffffu) | 1u << id_bits(count) << 16 | id << 24;
	e->ecx |= LEAF1_ECX_HYPERVISOR;
	if (ioctl(m->vm, KVM_CHECK_EXTENSION, KVM_CAP_TSC_DEADLINE_TIMER) > 0)
		e->ecx |= LEAF1_ECX_DEADLINE;
	if (count > 1)
		e->edx |= LEAF1_EDX_HTT;
	else
		e->edx &= ~LEAF1_EDX_HTT;
}

/* How many share a cache, less one, and whether it is one: both vendors have it so.  Each is a core's own but the last. */
static bool set_sharing(uint32_t count, struct kvm_cpuid_entry2 *e)
{
	const uint32_t level = e->eax >> 5 & 7u;

	if ((e->eax & 0x1fu) == 0)
		return false;
	e->eax &= ~(0xfffu << 14);
	e->eax |= level < 3 ? 0 : ((1u << id_bits(count)) - 1) << 14;
	return true;
}

/* Intel's caches, which say as well how many cores there are. */
static void set_leaf4(uint32_t count, struct kvm_cpuid_entry2 *e)
{
	if (set_sharing(count, e))
		e->eax = (e->eax & ~(0x3fu << 26)) | ((1u << id_bits(count)) - 1) << 26;
}

/* AMD's way to say it; elsewhere these bits are reserved. */
static void set_amd(uint32_t count, uint32_t id, struct kvm_cpuid_entry2 *e)
{
	if (e->function == LEAF_AMD_SIZES) {
		e->ecx = (e->ecx & ~0xf0ffu) | (count - 1) | id_bits(count) << 12;
	} else if (e->function == LEAF_AMD_CACHES) {
		(void)set_sharing(count, e);
	} else if (e->function == LEAF_AMD_TOPOLOGY) {
		e->eax = id;
		e->ebx = id; /* the core */
		e->ecx = 0;  /* the node */
	}
}

static bool is_amd(const struct kvm_cpuid_entry2 *e)
{
	return e->function == 0 && (e->ebx == VENDOR_AUTH || e->ebx == VENDOR_HYGO);
}

static void set_entries(const struct machine *m, uint32_t id, struct kvm_cpuid2 *cpuid)
{
	const uint32_t count = m->guest->cpu_count;
	bool amd = false;

	for (uint32_t i = 0; i < cpuid->nent; i++) {
		struct kvm_cpuid_entry2 *e = &cpuid->entries[i];

		amd = amd || is_amd(e);
		if (e->function == 1)
			set_leaf1(m, id, e);
		else if (e->function == 4)
			set_leaf4(count, e);
		else if (amd)
			set_amd(count, id, e);
	}
}

/* The host's topology is not the guest's.  There is room for the two that come. */
static void drop_topology(struct kvm_cpuid2 *cpuid)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function != LEAF_TOPOLOGY &&
		    cpuid->entries[i].function != LEAF_TOPOLOGY_2)
			cpuid->entries[kept++] = cpuid->entries[i];
	cpuid->nent = kept;
}

/* Level 0 is a core's one thread, level 1 the cores of the package. */
static void add_topology(uint32_t count, uint32_t id, struct kvm_cpuid2 *cpuid)
{
	for (uint32_t level = 0; level < 2; level++)
		cpuid->entries[cpuid->nent++] = (struct kvm_cpuid_entry2){
			.function = LEAF_TOPOLOGY,
			.index = level,
			.flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX,
			.eax = level == 0 ? 0 : id_bits(count),
			.ebx = level == 0 ? 1 : count,
			.ecx = level | (level == 0 ? TOPOLOGY_THREAD : TOPOLOGY_CORE) << 8,
			.edx = id,
		};
}

int cpuid_set(struct machine *m, const struct vcpu *vcpu)
{
	struct kvm_cpuid2 *cpuid =
		calloc(1, sizeof(*cpuid) + (ENTRIES_MAX + 2) * sizeof(cpuid->entries[0]));
	int result = -1;

	if (!cpuid)
		return -1;
	cpuid->nent = ENTRIES_MAX;
	if (ioctl(m->kvm, KVM_GET_SUPPORTED_CPUID, cpuid) == 0) {
		set_entries(m, vcpu->index, cpuid);
		drop_topology(cpuid);
		add_topology(m->guest->cpu_count, vcpu->index, cpuid);
		result = ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid);
	}
	free(cpuid);
	return result;
}
